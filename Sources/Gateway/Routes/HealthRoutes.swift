import Foundation
import JSON
import Observability
import Transport

/// What balancers, scrapers and curious people ask first.
struct HealthRoutes: Sendable {
    let configuration: GatewayConfiguration
    let registry: SessionRegistry
    let heartbeat: LoopHeartbeat
    let metrics: MetricsRegistry
    let status: @Sendable () -> ServiceStatus
    /// What a browser is shown at `/`; nil where there is no page.
    let page: (@Sendable (RouteRequest) -> HTTPResponse)?

    var routes: [Route] {
        [
            Route("GET", "/", access: .everyone, docs: .front) { self.front($0) },
            Route("GET", "/livez", access: .everyone, docs: .liveness) { _ in self.liveness() },
            Route("GET", "/readyz", access: .everyone, docs: .readiness) { _ in self.readiness() },
            Route("GET", "/ready", access: .everyone, docs: .ready) { _ in self.readiness() },
            Route("GET", "/health", access: .everyone, docs: .health) { _ in self.health() },
            Route("GET", "/healthz", access: .everyone, docs: .healthz) { _ in self.health() },
            Route("GET", "/health/chat", access: .everyone, docs: .chatHealth) { _ in self.chatHealth() },
            Route("GET", "/version", access: .everyone, docs: .version) { _ in
                .json(["service": .string(self.configuration.service), "version": .string(self.configuration.version)])
            },
            Route("GET", "/metrics", access: .everyone, docs: .metrics) { _ in
                .text(self.metrics.prometheusText(), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            Route("GET", "/api/status", docs: .status) { _ in self.fullStatus() },
        ]
    }

    /// Whether the process should go on living: restart it where a loop is stuck.
    private func liveness() -> HTTPResponse {
        let stuck = self.heartbeat.stuckLoops
        return self.verdict("alive", stuck.map { "event loop \($0) is stuck" })
    }

    /// Whether new sessions should be sent here.
    private func readiness() -> HTTPResponse {
        let status = self.status()
        var reasons = status.faults
        if self.registry.isDraining { reasons.append("draining: this server is about to stop") }
        if status.personas == 0 { reasons.append("no persona is loaded") }
        return self.verdict("ready", reasons)
    }

    private func verdict(_ word: String, _ reasons: [String]) -> HTTPResponse {
        .json(
            [
                "status": .string(reasons.isEmpty ? word : "not \(word)"),
                "reasons": .array(reasons.map { .string($0) }),
            ],
            status: reasons.isEmpty ? 200 : 503)
    }

    private func health() -> HTTPResponse {
        .json([
            "status": "healthy", "service": .string(self.configuration.service),
            "version": .string(self.configuration.version),
        ])
    }

    private func chatHealth() -> HTTPResponse {
        .json([
            "status": "healthy", "mode": "voice", "active_handlers": .integer(self.registry.count),
            "timestamp": .string(Date().formatted(.iso8601)),
        ])
    }

    private func fullStatus() -> HTTPResponse {
        let status = self.status()
        let voice: JSONValue = ["model": .string(status.model), "configured": true]
        let roles = (status.interviews["modelRoles"]?.object ?? [:]).merging(["voice": voice]) { $1 }
        return .json([
            "service": .string(self.configuration.service), "version": .string(self.configuration.version),
            "sessions": .integer(self.registry.count), "draining": .bool(self.registry.isDraining),
            "upstream": .string(status.upstream), "model": .string(status.model),
            "modelRoles": .object(roles), "reasoningRoles": status.interviews["reasoningRoles"] ?? [:],
            "skills": status.interviews["skills"] ?? [],
            "personas": .integer(status.personas), "faults": .array(status.faults.map { .string($0) }),
        ])
    }

    /// The page for whoever can show one, a text for everybody else.
    private func front(_ request: RouteRequest) -> HTTPResponse {
        guard let page = self.page, request.accepts("text/html") else { return self.welcome(request) }
        return page(request)
    }

    /// Says to a person what this is and what to try next.
    private func welcome(_ request: RouteRequest) -> HTTPResponse {
        let host = request.head.headers["host"].flatMap { Authority($0) == nil ? nil : $0 } ?? "127.0.0.1:8000"
        let status = self.status()
        var response = HTTPResponse.text(
            """
            Vaani \(self.configuration.version): talk with a persona over a WebSocket.

            \(self.page == nil ? "" : "Talk      http://\(host)/ in a browser\n")\
            Voice     ws://\(host)/ws-mobile/<user>  and  ws://\(host)/ws/<user>
            Personas  http://\(host)/api/personas  (\(status.personas) loaded)
            Model     \(status.model) (\(status.upstream))
            Health    /livez  /readyz  /health  /metrics  /api/status

            Try: vaani talk --url ws://\(host) --text "Namaste"

            """)
        response.headers.append(("vary", "accept"))
        return response
    }
}
