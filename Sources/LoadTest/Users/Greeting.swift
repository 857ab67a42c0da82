import JSON

/// The first words of a streaming client, and what must be in the answer.
enum Greeting {
    static let realtime: JSONValue = [
        "type": "session.update",
        "session": ["type": "realtime", "audio": ["input": ["turn_detection": ["type": "server_vad"]]]],
    ]

    /// - Parameter chunkMilliseconds: of one message, both ways.
    static func hello(_ dialect: LoadDialect, _ chunkMilliseconds: Int, resumeToken: String?) -> JSONValue {
        let format: [String: JSONValue] = [
            "codec": .string(self.codec(dialect)), "rate": 24_000, "channels": 1,
        ]
        let output = format.merging(["frame_ms": .integer(chunkMilliseconds)]) { $1 }
        var message: [String: JSONValue] = [
            "type": "hello", "v": "1.0", "features": dialect.isFramed ? ["binary"] : [],
            "audio": ["in": .object(format), "out": [.object(output)]],
        ]
        message["resume"] = resumeToken.map { ["token": .string($0)] }
        return .object(message)
    }

    /// Why a welcome is not what a dialect needs.
    static func refusal(_ dialect: LoadDialect, features: JSONValue?, _ audio: JSONValue?) -> String? {
        guard features?.array?.contains("binary") == true else {
            return "the gateway does not grant the feature binary, which the dialect \(dialect.rawValue) needs"
        }
        let codec = self.codec(dialect)
        // One format, or a list of what was granted.
        let output = audio?["out"]
        let granted = [
            audio?["in"]?["codec"]?.string, output?["codec"]?.string ?? output?.array?.first?["codec"]?.string,
        ]
        guard granted.allSatisfy({ $0 == codec }) else {
            return "the gateway does not grant the codec \(codec), which the dialect \(dialect.rawValue) needs"
        }
        return nil
    }

    private static func codec(_ dialect: LoadDialect) -> String {
        dialect == .opus ? "opus" : "pcm16"
    }
}
