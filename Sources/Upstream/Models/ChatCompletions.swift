import LanguageModels
import Observability
import Transport

/// Any server with OpenAI's API of chat completions.
///
/// Parts that a server refuses (a JSON mode, a temperature) are left out from then on. Failures that may pass are tried
/// again, with growing pauses and as `Retry-After` wishes, as long as nothing was handed out yet.
public final class ChatCompletions: LanguageModel {
    private let caller: ModelCaller
    private let budget: (any TokenBudget)?

    public init(
        models: ModelsConfiguration, client: HTTPClient, budget: (any TokenBudget)? = nil, clock: ModelClock = .system,
        log: Log, metrics: MetricsRegistry
    ) {
        self.caller = ModelCaller(models, client: client, clock: clock, log: log, metrics: metrics)
        self.budget = budget
    }

    public func answers(in role: ModelRole) -> Bool { self.caller.models.role(role) != nil }

    public func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
        let role = try self.caller.role(request.role)
        let hold = try BudgetHold(self.budget, request, role)
        let begun = self.caller.clock.now()
        do throws(LanguageModelError) {
            let answer = try await self.caller.call(request.role, role, format: request.format) {
                timeout throws(ChatFailure) in try await self.attempt(request, role, timeout)
            }
            hold.settle(answer.usage.total)
            self.caller.metrics.used(request.role, answer.usage)
            self.caller.ended(request.role, nil, since: begun)
            return answer
        } catch {
            self.caller.ended(request.role, error, since: begun)
            throw error
        }
    }

    public func stream(_ request: ChatRequest) -> ChatStream {
        let reader = ChatReader(request, caller: self.caller, budget: self.budget)
        return ChatStream { () async throws(LanguageModelError) in try await reader.next() }
    }

    private func attempt(
        _ request: ChatRequest, _ role: ModelsConfiguration.Role, _ timeout: Duration
    ) async throws(ChatFailure) -> ChatAnswer {
        let body = self.caller.dialect(request.role).body(request, role, streams: false).encoded
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await self.caller.client.send(
                role.endpoint.request("/chat/completions", body: .bytes(body), timeout: timeout))
        } catch {
            throw ChatFailure(error)
        }
        guard response.status == 200 else {
            throw ChatFailure(
                status: response.status, headers: response.headers, body: response.body, from: role.endpoint.name)
        }
        do throws(LanguageModelError) {
            return try ChatReply.read(response.body, for: request, from: role.endpoint.name)
        } catch {
            throw ChatFailure(error)
        }
    }
}
