import JSON
import Providers
import Studio

// What a client says of a replica or a voice that it wants made.
extension ReplicaTraining {
    init(_ members: [String: JSONValue]) throws(ErrorResponse) {
        var body = ProviderBody(members)
        let name = body.name("replica_name")
        let video = body.url("train_video_url", isRequired: true)
        let consent = body.url("consent_video_url")
        try body.finish()
        self.init(name: name ?? "", videoURL: video ?? "", consentVideoURL: consent)
    }
}

extension VoiceCloning {
    init(_ members: [String: JSONValue]) throws(ErrorResponse) {
        var body = ProviderBody(members)
        let name = body.name("voice_name")
        let sample = body.url("sample_url", isRequired: true)
        let consent = body.url("consent_url")
        try body.finish()
        self.init(name: name ?? "", sampleURL: sample ?? "", consentURL: consent)
    }
}

/// Reads such a body, and gathers what is wrong with it.
struct ProviderBody {
    static let maxName = 200
    static let maxURL = 2_048

    private let members: [String: JSONValue]
    private var faults: [ErrorResponse.FieldError] = []

    init(_ members: [String: JSONValue]) {
        self.members = members
    }

    mutating func name(_ field: String) -> String? {
        let text = self.members[field]?.string ?? ""
        guard text.unicodeScalars.count <= Self.maxName, !text.isBlank else {
            self.complain(field, "must be a text of 1 to \(Self.maxName) characters, not blank")
            return nil
        }
        return text
    }

    mutating func url(_ field: String, isRequired: Bool = false) -> String? {
        let value = self.members[field] ?? .null
        if value.isNull, !isRequired { return nil }
        let text = value.string ?? ""
        let isURL = text.hasPrefix("https://") || text.hasPrefix("http://")
        guard isURL, text.utf8.count <= Self.maxURL, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            self.complain(
                field, "must be a URL of http or https, in at most \(Self.maxURL) visible characters of ASCII")
            return nil
        }
        return text
    }

    func finish() throws(ErrorResponse) {
        guard self.faults.isEmpty else { throw .invalid(self.faults) }
    }

    private mutating func complain(_ field: String, _ message: String) {
        self.faults.append(.init(field: field, message: message))
    }
}
