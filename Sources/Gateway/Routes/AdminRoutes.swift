import JSON
import Transport

/// What an operator may see and do.
struct AdminRoutes: Sendable {
    let registry: SessionRegistry
    let configuration: GatewayConfiguration

    var routes: [Route] {
        [
            Route("GET", "/api/admin/sessions", access: .operators, docs: .sessions) { _ in await self.sessions() },
            Route("DELETE", "/api/admin/sessions/{id}", access: .operators, docs: .endSession) {
                try await self.remove($0)
            },
            Route("GET", "/api/admin/limits", access: .operators, docs: .limits) { _ in self.limits() },
        ]
    }

    private func sessions() async -> HTTPResponse {
        let summaries = await self.registry.summaries()
        return .json(["items": .array(summaries.map(\.json)), "total": .integer(summaries.count)])
    }

    private func remove(_ request: RouteRequest) async throws -> HTTPResponse {
        guard await self.registry.remove(session: request.parameters["id"] ?? "") else {
            throw ErrorResponse(404, "session_not_found", "there is no session of that id")
        }
        return HTTPResponse(status: 204)
    }

    private func limits() -> HTTPResponse {
        .json([
            "sessions": .integer(self.configuration.maxSessions),
            "sessions_per_user": .integer(self.configuration.maxSessionsPerUser),
            "handshakes_per_10s": .integer(self.configuration.maxHandshakes),
            "messages_per_second": .integer(self.configuration.maxMessagesPerSecond),
        ])
    }
}
