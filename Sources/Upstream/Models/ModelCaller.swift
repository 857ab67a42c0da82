import LanguageModels
import Observability
import Synchronization
import Transport

/// What all calls to models have in common: deadlines, tries, what was learnt of a server, and the log.
final class ModelCaller: Sendable {
    // A server that takes none of four optional parts is given each of them once.
    private static let maxAdaptations = 4
    let models: ModelsConfiguration
    let client: HTTPClient
    let clock: ModelClock
    let metrics: ModelMetrics
    private let log: Log
    private let dialects = Mutex<[ModelRole: ChatDialect]>([:])

    init(
        _ models: ModelsConfiguration, client: HTTPClient, clock: ModelClock, log: Log, metrics: MetricsRegistry
    ) {
        self.models = models
        self.client = client
        self.clock = clock
        self.log = log
        self.metrics = ModelMetrics(metrics)
    }

    func role(_ role: ModelRole) throws(LanguageModelError) -> ModelsConfiguration.Role {
        guard let known = self.models.role(role) else {
            throw LanguageModelError(.notConfigured, "no model is configured for \(role.rawValue)")
        }
        return known
    }

    func dialect(_ role: ModelRole) -> ChatDialect {
        self.dialects.withLock { $0[role] ?? ChatDialect() }
    }

    /// Tries until there is a result, or no hope or no time is left.
    ///
    /// - Parameter attempt: one try, within the time that it is given.
    func call<Result: Sendable>(
        _ name: ModelRole, _ role: ModelsConfiguration.Role, format: ChatFormat,
        _ attempt: (Duration) async throws(ChatFailure) -> Result
    ) async throws(LanguageModelError) -> Result {
        let deadline = self.clock.now() + role.timeout
        var (retries, adaptations) = (0, 0)
        while true {
            let failure: ChatFailure
            do throws(ChatFailure) {
                return try await attempt(deadline - self.clock.now())
            } catch {
                failure = error
            }
            if let refusal = failure.refusal, adaptations < Self.maxAdaptations, self.adapt(name, refusal, format) {
                adaptations += 1
                continue
            }
            let plan = RetryPlan(maxRetries: role.maxRetries)
            let left = deadline - self.clock.now()
            guard
                let pause = plan.pause(after: failure.error, retries: retries, left: left, random: self.clock.random())
            else { throw failure.error }
            retries += 1
            self.metrics.retried(name)
            do { try await self.clock.sleep(pause) } catch { throw .cancelled }
        }
    }

    private func adapt(_ role: ModelRole, _ refusal: String, _ format: ChatFormat) -> Bool {
        self.dialects.withLock { $0[role, default: ChatDialect()].adapt(to: refusal, format: format) }
    }

    /// One line for an operator where there is something to mend; never a prompt, an answer or a server's words.
    func ended(_ role: ModelRole, _ error: LanguageModelError?, since begun: ContinuousClock.Instant) {
        let duration = self.clock.now() - begun
        self.metrics.ended(role, error?.code.rawValue ?? "answered", after: duration)
        let level: LogLevel = error.map { [.auth, .quota, .refused].contains($0.code) ? .warning : .info } ?? .debug
        self.log.record(
            error?.code == .cancelled ? .debug : level, "model call ended",
            [
                .reason: .text(role.rawValue), .errorCode: .text(error?.code.rawValue ?? ""),
                .errorMessage: .text(error?.message ?? ""), .durationMs: .integer(Int(duration / .milliseconds(1))),
            ])
    }
}

extension ModelsConfiguration.Endpoint {
    func request(_ path: String, body: HTTPClientRequest.Body, timeout: Duration) -> HTTPClientRequest {
        var request = HTTPClientRequest("\(self.url)\(path)", method: "POST", body: body)
        if case .bytes = body { request.headers.append(("Content-Type", "application/json")) }
        if let key = self.key { request.headers.append(("Authorization", "Bearer \(key.reveal())")) }
        request.timeout = max(timeout, .milliseconds(1))
        return request
    }
}
