import Foundation
import JSON

/// Everything that the double knows, and how it answers: a request and a moment in, an outcome out.
public struct DoubleState: Sendable, Equatable {
    var settings: DoubleSettings
    var clock = DoubleClock()
    var faults = FaultList()
    private(set) var journal = RequestJournal()
    var mint: IdentifierMint
    var personas: [DoubleRecord]
    var replicas: [DoubleRecord]
    var documents: [DoubleRecord]
    var voices: [DoubleRecord] = []
    /// Personas that were ever made by a request.
    var created = 0
    /// What is carried out later.
    private var late: [LateRequest] = []
    private let seed: DoubleSeed

    private struct LateRequest: Sendable, Equatable {
        let due: Date
        let request: DoubleRequest
    }

    // Beyond it a request is never carried out.
    private static let maxLate = 1_024

    /// - Parameter moment: what time it is in the world.
    public init(_ settings: DoubleSettings, seed: DoubleSeed = .stock, at moment: Date) {
        self.settings = settings
        self.seed = seed
        self.mint = IdentifierMint(salt: settings.salt)
        self.personas = seed.personas.map {
            DoubleRecord(seed: $0.merging(["persona_type": "system"]) { $1 }, id: "persona_id", at: moment, lag: 0)
        }
        self.replicas = seed.replicas.map {
            DoubleRecord(seed: $0, id: "replica_id", at: moment, lag: settings.replicaLag)
        }
        self.documents = seed.documents.map {
            DoubleRecord(seed: $0, id: "document_id", at: moment, lag: settings.documentLag)
        }
    }

    /// As if just started; time goes on where it is.
    mutating func reset(at moment: Date) {
        let clock = self.clock
        self = DoubleState(self.settings, seed: self.seed, at: clock.now(moment))
        self.clock = clock
    }

    /// Takes a rule into force.
    public mutating func add(_ rule: FaultRule) throws(ProviderDoubleError) {
        try self.faults.add(rule)
    }

    /// Answers as the provider would, unless a rule has a say.
    public mutating func answer(_ request: DoubleRequest, at moment: Date) -> DoubleOutcome {
        let now = self.clock.now(moment)
        self.catchUp(now)
        let fault = self.faults.take(request)
        let honest = fault.map { $0.isApplied } ?? true ? self.reply(request, now) : nil
        var outcome = DoubleOutcome(.hang)
        if let fault {
            outcome = fault.outcome(for: request, honest: honest)
        } else if let honest {
            outcome = DoubleOutcome(.reply(honest), after: self.settings.delay)
        }
        self.journal.note(request, at: now, fault: fault?.name, outcome: outcome)
        if let seconds = fault?.effectAfter, self.late.count < Self.maxLate {
            self.late.append(LateRequest(due: now.addingTimeInterval(seconds), request: request))
        }
        return outcome
    }

    /// Carries out what is due by now.
    mutating func catchUp(_ now: Date) {
        let due = self.late.filter { $0.due <= now }.sorted { $0.due < $1.due }
        self.late.removeAll { $0.due <= now }
        for late in due { _ = self.reply(late.request, late.due) }
    }

    mutating func clearJournal() {
        self.journal.clear()
    }

    private mutating func reply(_ request: DoubleRequest, _ now: Date) -> DoubleReply {
        guard let key = request.key, !key.isEmpty, self.settings.key.map({ $0 == key }) ?? true else {
            return .refusal(401, "Invalid access token")
        }
        guard let route = Route(request.path) else { return .refusal(404, "Not found") }
        switch route.collection {
        case .personas(let words): return self.personas(request, route, words, now)
        case .replicas(let words): return self.replicas(request, route, words, now)
        case .documents: return self.documents(request, route, now)
        case .voices: return self.voices(request, route, now)
        }
    }
}
