import JSON

/// How audio is coded on the wire.
enum AudioFormat: String, Sendable, Equatable, CaseIterable {
    /// PCM16 LE at 24 kHz, mono.
    case pcm = "audio/pcm"
    /// G.711 µ-law at 8 kHz, mono.
    case pcmu = "audio/pcmu"
    /// G.711 A-law at 8 kHz, mono.
    case pcma = "audio/pcma"

    var json: JSONValue {
        self == .pcm ? ["type": .string(self.rawValue), "rate": 24_000] : ["type": .string(self.rawValue)]
    }
}
