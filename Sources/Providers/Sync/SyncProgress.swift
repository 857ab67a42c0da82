import Studio

/// How far a provider is with a persona, as far as it says so or lets it be seen.
struct SyncProgress: Sendable, Equatable {
    enum Stage: Sendable, Equatable {
        case queued, building, ready
        case failed(SyncState.Failure)
    }

    var stage: Stage
    var source: SyncState.Source

    init(_ stage: Stage, _ source: SyncState.Source = .derived) {
        self.stage = stage
        self.source = source
    }

    /// A word of the provider's own is believed. Without one a persona is as far as what it is made of.
    init(_ remote: RemotePersona, _ parts: [RemotePart]) {
        if let status = remote.status {
            self.init(Self.stage(named: status), .provider)
        } else {
            self.init(Self.stage(of: parts))
        }
    }

    private static func stage(named status: SyncStatus) -> Stage {
        switch status {
        case .queued: .queued
        case .processing: .building
        case .ready: .ready
        case .error: .failed(.init(code: "provider_failed", message: "the provider could not make it"))
        }
    }

    /// What has failed outranks what is not done yet: waiting would not mend it.
    private static func stage(of parts: [RemotePart]) -> Stage {
        if let failure = parts.lazy.compactMap(\.failure).first { return .failed(failure) }
        return parts.allSatisfy { $0.progress == .ready } ? .ready : .building
    }
}

/// Something that a persona is made of, and that the provider works on by itself.
enum RemotePart: Sendable, Equatable {
    case replica(RemoteReplica)
    case document(RemoteDocument)
    /// The persona names it, and the provider knows nothing of it.
    case missing(Kind, id: String)

    enum Kind: String, Sendable { case replica, document }

    var progress: RemoteProgress {
        switch self {
        case .replica(let replica): replica.progress
        case .document(let document): document.progress
        case .missing: .failed
        }
    }

    /// nil where nothing has failed. The provider's code is a word; its sentences stay with it.
    var failure: SyncState.Failure? {
        guard self.progress == .failed else { return nil }
        return switch self {
        case .replica(let replica):
            .init(code: "replica_failed", message: "the replica \(replica.id) could not be trained")
        case .document(let document):
            .init(code: document.errorCode ?? "document_failed", message: Self.sentence(document))
        case .missing(let kind, let id):
            .init(code: "unknown_\(kind)", message: "the provider knows no \(kind) \(id)")
        }
    }

    private static func sentence(_ document: RemoteDocument) -> String {
        let reason = document.errorCode.map { ": \($0)" } ?? ""
        return "the document \(document.id) could not be read\(reason)"
    }
}
