import Foundation
import Studio

/// A persona as the provider tells of it.
public struct RemotePersona: Sendable, Equatable {
    /// The provider's own.
    public var id: String
    public var name: String
    public var systemPrompt: String?
    public var createdAt: Date?
    /// The one that it is shown with; nil where a call names it.
    public var replicaID: String?
    public var documentIDs: [String]
    /// Only where the provider says one of the four words. Most do not: then the status follows from the rest.
    public var status: SyncStatus?

    public init(
        id: String, name: String, systemPrompt: String? = nil, createdAt: Date? = nil, replicaID: String? = nil,
        documentIDs: [String] = [], status: SyncStatus? = nil
    ) {
        self.id = id
        self.name = name
        self.systemPrompt = systemPrompt
        self.createdAt = createdAt
        self.replicaID = replicaID
        self.documentIDs = documentIDs
        self.status = status
    }
}

/// How far the provider is with something that it has to work on first.
public enum RemoteProgress: String, Sendable, CaseIterable {
    case building, ready, failed
}

/// A document that the provider has read, or is about to.
public struct RemoteDocument: Sendable, Equatable {
    public var id: String
    public var name: String
    public var tags: [String]
    public var createdAt: Date?
    public var progress: RemoteProgress
    /// The provider's own word for it: `started`, `processing`, `ready`, `error`, `recrawling`.
    public var status: String?
    /// Why it failed, such as `file_too_large`: a word for programs, never a sentence.
    public var errorCode: String?

    public init(
        id: String, name: String, tags: [String] = [], createdAt: Date? = nil, progress: RemoteProgress = .ready,
        status: String? = nil, errorCode: String? = nil
    ) {
        self.id = id
        self.name = name
        self.tags = tags
        self.createdAt = createdAt
        self.progress = progress
        self.status = status
        self.errorCode = errorCode
    }
}

/// Somebody's likeness, with which personas are shown.
public struct RemoteReplica: Sendable, Equatable {
    public var id: String
    public var name: String
    /// A video to show it by.
    public var thumbnailURL: String?
    public var progress: RemoteProgress
    /// The provider's own word for it: `started`, `completed`, `error`.
    public var status: String?
    /// Such as `40/100`.
    public var trainingProgress: String?

    public init(
        id: String, name: String, thumbnailURL: String? = nil, progress: RemoteProgress = .ready,
        status: String? = nil, trainingProgress: String? = nil
    ) {
        self.id = id
        self.name = name
        self.thumbnailURL = thumbnailURL
        self.progress = progress
        self.status = status
        self.trainingProgress = trainingProgress
    }
}

/// A voice that the provider can speak with.
public struct RemoteVoice: Sendable, Equatable {
    public var id: String
    public var name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}
