import JSON

/// A piece of speech that was ready to go out.
struct RecordedSpeech: Sendable, Equatable {
    private static let maxSamples = 10_000_000

    let responseID: String
    let samples: Int
    /// The samples themselves; nil in a recording without audio.
    let audio: [Int16]?
    /// Nothing of the response came after it.
    let isLast: Bool

    init(responseID: String, samples: Int, audio: [Int16]?, isLast: Bool) {
        self.responseID = responseID
        self.samples = samples
        self.audio = audio
        self.isLast = isLast
    }

    /// nil where something is missing, or audio and length disagree.
    init?(_ json: JSONValue) {
        guard let id = json["response_id"]?.string, let count = json["samples"]?.integer,
            (0...Self.maxSamples).contains(count)
        else { return nil }
        var audio: [Int16]?
        if let text = json["audio"]?.string {
            guard let bytes = Base64.decode(text), bytes.count == 2 * count else { return nil }
            audio = AudioFormat.pcm.samples(bytes)
        }
        self.init(responseID: id, samples: count, audio: audio, isLast: json["last"]?.bool ?? false)
    }

    var json: JSONValue {
        var json: [String: JSONValue] = [
            "response_id": .string(self.responseID), "samples": .integer(self.samples), "last": .bool(self.isLast),
        ]
        if let audio = self.audio {
            json["audio"] = .string(audio.withUnsafeBytes { String(decoding: Base64.encode($0), as: UTF8.self) })
        }
        return .object(json)
    }
}
