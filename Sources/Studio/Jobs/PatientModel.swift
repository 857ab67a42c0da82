import LanguageModels
import Synchronization

/// A model whose callers wait their turn instead of being refused: for buckets of calls, and for budgets of tokens that
/// fill again.
public final class PatientModel: LanguageModel {
    /// Beyond that somebody is asking for more than there will be.
    private static let maxWaits = 120
    private let model: any LanguageModel
    private let buckets: Mutex<CallBuckets>
    private let clock: StudioClock

    /// - Parameters:
    ///   - perMinute: calls of all together; nil for any number.
    ///   - perUser: calls of each payer.
    public init(_ model: any LanguageModel, perMinute: Int?, perUser: Int?, clock: StudioClock = .system) {
        self.model = model
        self.buckets = Mutex(CallBuckets(perMinute: perMinute, perUser: perUser))
        self.clock = clock
    }

    public func answers(in role: ModelRole) -> Bool { self.model.answers(in: role) }

    public func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
        for _ in 0..<Self.maxWaits {
            try await self.waitForTurn(request.payer)
            do throws(LanguageModelError) {
                return try await self.model.answer(request)
            } catch {
                guard error.code == .overBudget, error.isRetriable else { throw error }
                try await self.clock.wait(error.retryAfter ?? .seconds(1))
            }
        }
        throw LanguageModelError(
            .overBudget, "the budget did not suffice for \(Self.maxWaits) turns", isRetriable: true)
    }

    public func stream(_ request: ChatRequest) -> ChatStream { self.model.stream(request) }

    private func waitForTurn(_ payer: String?) async throws(LanguageModelError) {
        while true {
            let now = self.clock.seconds()
            guard let wait = self.buckets.withLock({ $0.take(payer, at: now) }) else { return }
            try await self.clock.wait(.milliseconds(Int(wait * 1_000) + 1))
        }
    }
}

/// Time, so that tests can drive it.
public struct StudioClock: Sendable {
    /// Since some moment; never goes back.
    public var seconds: @Sendable () -> Double
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        seconds: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.seconds = seconds
        self.sleep = sleep
    }

    public static let system: StudioClock = {
        let start = ContinuousClock.now
        return StudioClock {
            (ContinuousClock.now - start) / .seconds(1)
        } sleep: {
            try await Task.sleep(for: $0)
        }
    }()

    func wait(_ duration: Duration) async throws(LanguageModelError) {
        do {
            try await self.sleep(duration)
        } catch {
            throw .cancelled
        }
    }
}
