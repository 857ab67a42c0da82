/// Which documents are wanted.
public struct DocumentQuery: Sendable, Equatable {
    /// Anywhere in name or id, without regard to case.
    public var text: String?
    /// A document has to have every one.
    public var tags: [String]
    /// The provider's word, such as `ready`.
    public var status: String?

    public init(text: String? = nil, tags: [String] = [], status: String? = nil) {
        self.text = text
        self.tags = tags
        self.status = status
    }

    func fits(_ document: RemoteDocument) -> Bool {
        if let text = self.text?.lowercased(), !document.name.lowercased().contains(text),
            !document.id.lowercased().contains(text)
        {
            return false
        }
        if let status = self.status, status != document.status { return false }
        return Set(self.tags).isSubset(of: document.tags)
    }
}

/// What a replica is made of. The provider fetches the videos itself.
public struct ReplicaTraining: Sendable, Equatable {
    public var name: String
    public var videoURL: String
    /// On which the person agrees.
    public var consentVideoURL: String?

    public init(name: String, videoURL: String, consentVideoURL: String? = nil) {
        self.name = name
        self.videoURL = videoURL
        self.consentVideoURL = consentVideoURL
    }
}

/// What a voice is made of. The provider fetches the recordings itself.
public struct VoiceCloning: Sendable, Equatable {
    public var name: String
    public var sampleURL: String
    /// On which the person agrees.
    public var consentURL: String?

    public init(name: String, sampleURL: String, consentURL: String? = nil) {
        self.name = name
        self.sampleURL = sampleURL
        self.consentURL = consentURL
    }
}
