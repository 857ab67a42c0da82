import Foundation

/// How far a provider is with a persona.
public enum SyncStatus: String, Sendable, CaseIterable {
    /// Accepted here; the provider does not know of it yet.
    case queued
    /// The provider builds it.
    case processing
    /// It can be called.
    case ready
    /// It failed, for a stated reason.
    case error

    /// Whether one may follow the other: forward, to an error, and from an error back to the queue by a retry.
    public func mayBecome(_ next: SyncStatus) -> Bool {
        switch (self, next) {
        case (.queued, .processing), (.processing, .ready), (.queued, .error), (.processing, .error),
            (.error, .queued):
            true
        default: self == next
        }
    }
}

/// The state of a persona at a provider. Its status can only take the steps that exist, and a reason is there exactly
/// while the status is `error`.
public struct SyncState: Sendable, Equatable {
    public struct Failure: Sendable, Equatable {
        /// For programs, in snake case.
        public var code: String
        /// One sentence for the author; nothing of the provider's own text.
        public var message: String

        public init(code: String, message: String) {
            self.code = code
            self.message = message.isEmpty ? "the provider gave no reason" : message
        }
    }

    /// Where a status was learnt from.
    public enum Source: String, Sendable {
        /// The provider names none: it follows from what else it answers.
        case derived
        case provider
    }

    public private(set) var status: SyncStatus
    public private(set) var failure: Failure?
    public private(set) var lastStatusAt: Date
    public private(set) var source: Source
    /// The provider's own id for it.
    public var remoteID: String?
    /// How often what is to be done next was tried; once the provider has it, how often it was looked at.
    public var attempts = 0
    /// What a persona that is ready has still to become there; nil where it is as its author wants it.
    public var change: Change?

    /// An edit on its way to the provider. Calls go on with what was there before.
    public enum Change: Sendable, Equatable {
        case pending
        case failed(Failure)

        public var failure: Failure? {
            if case .failed(let failure) = self { failure } else { nil }
        }
    }

    /// A persona that waits for its turn.
    public init(queuedAt moment: Date) {
        self.status = .queued
        self.lastStatusAt = moment
        self.source = .derived
    }

    /// What a store kept. A reason that does not belong is left out, one that is missing is filled in.
    public init(
        stored status: SyncStatus, failure: Failure?, lastStatusAt: Date, source: Source, remoteID: String?,
        attempts: Int
    ) {
        self.status = status
        self.failure = status == .error ? failure ?? Failure(code: "unknown", message: "") : nil
        self.lastStatusAt = lastStatusAt
        self.source = source
        self.remoteID = remoteID
        self.attempts = attempts
    }

    /// Takes a step.
    ///
    /// - Returns: false, and nothing changes, where the step does not exist.
    @discardableResult
    public mutating func advance(
        to next: SyncStatus, at moment: Date, source: Source = .derived, failure: Failure? = nil
    ) -> Bool {
        precondition((next == .error) == (failure != nil), "a reason belongs to an error, and an error has one")
        guard self.status.mayBecome(next) else { return false }
        if self.status != next { self.lastStatusAt = moment }
        if self.status == .error, next == .queued { self.attempts = 0 }
        if next != .ready { self.change = nil }
        self.status = next
        self.failure = failure
        self.source = source
        return true
    }
}
