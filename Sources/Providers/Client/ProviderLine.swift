import JSON
import Observability
import Transport

/// Sends requests to a provider and reads its answers, with a deadline for all that one call needs.
struct ProviderLine: Sendable {
    // A page of a hundred personas with whole prompts has about 3 MB.
    private static let maxResponseBytes = 8 << 20

    let settings: ProviderSettings
    private let client: HTTPClient
    private let redaction: Redaction
    private let metrics: ProviderMetrics
    private let log: Log

    init(_ settings: ProviderSettings, client: HTTPClient, log: Log, metrics: MetricsRegistry) {
        self.settings = settings
        self.client = client
        self.redaction = Redaction(settings.key)
        self.metrics = ProviderMetrics(metrics)
        self.log = log
    }

    /// Runs everything that one call needs, by one deadline, and notes how it ended.
    func call<Answer>(
        _ name: StaticString, _ work: (ContinuousClock.Instant) async throws(ProviderError) -> Answer
    ) async throws(ProviderError) -> Answer {
        let begun = ContinuousClock.now
        do throws(ProviderError) {
            let answer = try await work(begun + self.settings.timeout)
            self.metrics.ended("\(name)", "answered", after: .now - begun)
            return answer
        } catch {
            self.metrics.ended("\(name)", error.code.rawValue, after: .now - begun)
            self.log.debug("provider call failed", [.reason: .text("\(name)"), .errorCode: .text(error.code.rawValue)])
            throw error
        }
    }

    /// The answer to one request.
    func send(
        _ call: ProviderCall, by deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> RemoteAnswer {
        let response = try await self.exchange(call, by: deadline)
        return try RemoteAnswer(response.body, self.redaction, isCreation: call.isCreation)
    }

    /// One request whose answer says nothing beyond its status.
    func perform(_ call: ProviderCall, by deadline: ContinuousClock.Instant) async throws(ProviderError) {
        _ = try await self.exchange(call, by: deadline)
    }

    private func exchange(
        _ call: ProviderCall, by deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> HTTPClientResponse {
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await self.client.send(self.request(call, by: deadline))
        } catch {
            throw ProviderError(error, isCreation: call.isCreation)
        }
        guard (200...299).contains(response.status) || call.done.contains(response.status) else {
            throw ProviderError(response, to: call, self.redaction)
        }
        return response
    }

    /// The key goes into one header of a request that follows no redirect.
    private func request(_ call: ProviderCall, by deadline: ContinuousClock.Instant) -> HTTPClientRequest {
        var request = HTTPClientRequest(self.settings.url + call.target, method: call.method)
        request.headers = [("x-api-key", self.settings.key.reveal()), ("Accept", "application/json")]
        if let body = call.body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = .bytes(body.encoded)
        }
        request.timeout = max(deadline - .now, .milliseconds(1))
        request.maxResponseBytes = Self.maxResponseBytes
        return request
    }
}
