import JSON

/// How a recording begins: what a session has to be made of to go the same way again.
struct RecordedOpening: Sendable, Equatable {
    private static let version = 2

    /// Makes the ids of the session.
    let salt: String
    let model: String
    let expiresAt: Int
    /// Who judged what is speech.
    let detector: SpeechDetectorKind
    let keepsAudio: Bool

    init(salt: String, model: String, expiresAt: Int, detector: SpeechDetectorKind, keepsAudio: Bool) {
        self.salt = salt
        self.model = model
        self.expiresAt = expiresAt
        self.detector = detector
        self.keepsAudio = keepsAudio
    }

    /// nil for an opening of another version.
    init?(_ json: JSONValue) {
        guard json["version"]?.integer == Self.version, let salt = json["salt"]?.string, salt.utf8.count <= 16 else {
            return nil
        }
        self.init(
            salt: salt, model: json["model"]?.string ?? "", expiresAt: json["expires_at"]?.integer ?? 0,
            detector: json["vad"]?.string.flatMap(SpeechDetectorKind.init) ?? .combined,
            keepsAudio: json["audio"]?.bool ?? false)
    }

    var json: JSONValue {
        [
            "version": .integer(Self.version), "salt": .string(self.salt), "model": .string(self.model),
            "expires_at": .integer(self.expiresAt), "vad": .string(self.detector.rawValue),
            "audio": .bool(self.keepsAudio),
        ]
    }
}

extension [SpeechVerdict] {
    /// A digit for each.
    var text: String { self.map { String($0.rawValue) }.joined() }

    /// nil where anything but the digits of verdicts is in it.
    init?(text: String) {
        var verdicts: [SpeechVerdict] = []
        for digit in text.utf8 {
            guard digit >= UInt8(ascii: "0"), let verdict = SpeechVerdict(rawValue: digit - UInt8(ascii: "0")) else {
                return nil
            }
            verdicts.append(verdict)
        }
        self = verdicts
    }
}
