import JSON

/// What of an event does not go into a recording.
enum Redaction {
    private static let secrets: Set<String> = [
        "authorization", "headers", "api_key", "api-key", "client_secret", "token", "access_token", "server_url",
    ]
    private static let audioDelta = "response.output_audio.delta"

    /// The event without credentials, and unless `keepsAudio`, with the length of audio in its place (`audio_bytes`).
    static func event(_ event: JSONValue, keepsAudio: Bool) -> JSONValue {
        let clean = self.clean(event, keepsAudio)
        guard !keepsAudio, event["type"]?.string == self.audioDelta, var members = clean.object else { return clean }
        members["audio_bytes"] = .integer(self.byteCount(members.removeValue(forKey: "delta")))
        return .object(members)
    }

    private static func clean(_ value: JSONValue, _ keepsAudio: Bool) -> JSONValue {
        switch value {
        case .object(let members): self.clean(members, keepsAudio)
        case .array(let values): .array(values.map { self.clean($0, keepsAudio) })
        default: value
        }
    }

    private static func clean(_ members: [String: JSONValue], _ keepsAudio: Bool) -> JSONValue {
        var clean: [String: JSONValue] = [:]
        for (name, value) in members {
            if self.secrets.contains(name.lowercased()) {
                clean[name] = "(left out)"
            } else if name == "audio", value.string != nil, !keepsAudio {
                clean["audio_bytes"] = .integer(self.byteCount(value))
            } else {
                clean[name] = self.clean(value, keepsAudio)
            }
        }
        return .object(clean)
    }

    private static func byteCount(_ text: JSONValue?) -> Int {
        text?.string.map { $0.utf8.count / 4 * 3 - $0.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count } ?? 0
    }
}
