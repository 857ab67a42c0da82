import JSON
import Observability
import Providers
import Studio
import Transport

/// The public surface: voice endpoints, REST routes, health, and who may use them.
public final class GatewayApplication: ServerApplication {
    public let registry: SessionRegistry
    private let configuration: GatewayConfiguration
    private let router: Router<Route>
    private let gate: HandshakeGate
    private let voice: VoiceService
    private let metrics: GatewayMetrics
    private let log: Log

    /// - Parameters:
    ///   - voice: what makes a session for a connection.
    ///   - loops: the event loops, whose pulse `/livez` feels.
    ///   - routes: further routes, beside health and administration.
    ///   - page: what a browser is shown at `/`, in place of a text.
    ///   - status: what the program says of itself.
    public init(
        configuration: GatewayConfiguration, voice: VoiceService, loops: [EventLoop], routes: [Route],
        page: (@Sendable (RouteRequest) -> HTTPResponse)? = nil,
        status: @escaping @Sendable () -> ServiceStatus, log: Log, metrics: MetricsRegistry
    ) {
        self.configuration = configuration
        self.voice = voice
        self.registry = voice.registry
        self.gate = HandshakeGate(limit: configuration.maxHandshakes, trustedProxies: configuration.trustedProxies)
        self.metrics = GatewayMetrics(metrics)
        self.log = log
        let health = HealthRoutes(
            configuration: configuration, registry: voice.registry, heartbeat: LoopHeartbeat(loops), metrics: metrics,
            status: status, page: page)
        let admin = AdminRoutes(registry: voice.registry, configuration: configuration)
        var router = Router<Route>()
        let all = health.routes + admin.routes + routes
        for route in all + [Self.description(of: all, configuration)] {
            router.add(route.method, route.template, route)
        }
        self.router = router
    }

    /// `/openapi.json`, made once.
    private static func description(of routes: [Route], _ configuration: GatewayConfiguration) -> Route {
        let asksForTokens = if case .tokens = configuration.access { true } else { false }
        var all = routes
        let route = Route("GET", "/openapi.json", access: .everyone, docs: .description) { _ in .json([:]) }
        all.append(route)
        let document = APIDocument(version: configuration.version, routes: all, asksForTokens: asksForTokens).json
        return Route(route.method, route.template, access: route.access, docs: route.docs) { _ in .json(document) }
    }

    // MARK: Voice

    public func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        do throws(ErrorResponse) {
            let request = try VoiceRequest(upgrade, origins: self.configuration.origins)
            let claims = try self.configuration.access.claims(of: upgrade)
            if let claims, claims.subject != request.user.rawValue { throw .otherUser }
            try self.admit(request, upgrade)
            let caller = VoiceCaller(address: self.gate.client(of: upgrade), expiresAt: claims?.expiresAt)
            let endpoint = self.voice.endpoint(request, caller, loop)
            return .accept(endpoint, subprotocol: SubprotocolChoice.grant(upgrade.subprotocols))
        } catch {
            self.metrics.refused(error.code)
            self.log.info(
                "voice connection refused",
                [
                    .remoteAddress: .text(upgrade.remoteAddress), .httpStatus: .integer(error.status),
                    .errorCode: .text(error.code),
                ])
            return .refuse(self.finish(error.response(requestID: RequestID()), for: upgrade))
        }
    }

    private func admit(_ request: VoiceRequest, _ head: HTTPRequestHead) throws(ErrorResponse) {
        try self.gate.pass(head)
        switch self.registry.refusal(user: request.user, flavour: request.flavour) {
        case nil: break
        case .draining: throw .draining
        case .full: throw .full
        case .tooManyOfUser: throw .tooManyOfUser
        }
    }

    /// The refusal of a page that may not connect, for endpoints that others serve on the same port; nil for the rest.
    public func refusal(ofPage head: HTTPRequestHead) -> HTTPResponse? {
        let verdict = self.configuration.origins.judge(
            origins: head.headers.all("origin"), hosts: head.headers.all("host"))
        guard verdict == .refused else { return nil }
        return self.finish(ErrorResponse.originNotAllowed.response(requestID: RequestID()), for: head)
    }

    // MARK: Everything else

    public func bodyLimit(for head: HTTPRequestHead) -> Int {
        // What is about to be refused is told so, rather than that its body is too large.
        guard case .found(let route, _) = self.router.match(head.method, head.path) else { return 1 << 16 }
        return route.bodyLimit
    }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let id = RequestID()
        var response: HTTPResponse
        do {
            response = try await self.serve(request, id)
        } catch {
            let mapped = ErrorResponse(mapping: error)
            if mapped.status == 500 || mapped.code == "storage_unavailable" { self.logFault(error, request, id) }
            if let error = error as? ProviderError { self.logProvider(error, request, id) }
            response = mapped.response(requestID: id)
        }
        self.metrics.answered(response.status)
        response.headers.append(("x-request-id", id.description))
        return self.finish(response, for: request.head)
    }

    private func serve(_ request: HTTPRequest, _ id: RequestID) async throws -> HTTPResponse {
        let head = request.head
        if let preflight = self.preflight(head) { return preflight }
        switch self.router.match(head.method, head.path) {
        case .found(let route, let parameters):
            let caller = try self.authorize(head, for: route)
            return try await route.handle(
                RouteRequest(head: head, body: request.body, parameters: parameters, id: id, caller: caller))
        case .notAllowed(let methods): throw ErrorResponse.notAllowed(methods)
        case .notFound:
            guard VoiceRequest.flavour(of: head.path) != nil else { throw ErrorResponse.notFound }
            throw ErrorResponse.notAWebSocket
        }
    }

    private func authorize(_ head: HTTPRequestHead, for route: Route) throws(ErrorResponse) -> Caller {
        if !["GET", "HEAD"].contains(head.method) {
            let verdict = self.configuration.origins.judge(
                origins: head.headers.all("origin"), hosts: head.headers.all("host"))
            guard verdict == .allowed else { throw .originNotAllowed }
        }
        guard route.access != .everyone else { return .local }
        let claims = try self.configuration.access.claims(of: head)
        if route.access == .operators {
            guard claims?.scopes.contains("admin") ?? self.isThisMachine(head) else { throw .operatorsOnly }
        }
        return try Caller(claims, head)
    }

    /// The name counts as well: a foreign page whose name is made to point here also comes from this machine.
    private func isThisMachine(_ head: HTTPRequestHead) -> Bool {
        let host = head.headers["host"].flatMap { Authority($0) }
        return host?.isLoopback == true && self.gate.client(of: head).isLocal
    }

    private func logFault(_ error: any Error, _ request: HTTPRequest, _ id: RequestID) {
        self.log.error(
            "request failed",
            [
                .httpMethod: .text(request.head.method), .httpPath: .text(request.head.path),
                .reason: .text((error as? StoreError)?.description ?? "\(type(of: error))"),
                .errorMessage: .text(id.description),
            ])
    }

    /// The client is told in our words; those of the provider stay here, under the id that the client was told.
    private func logProvider(_ error: ProviderError, _ request: HTTPRequest, _ id: RequestID) {
        guard !error.detail.isEmpty else { return }
        self.log.warning(
            "provider failed",
            [
                .requestID: .text(id.description), .httpMethod: .text(request.head.method),
                .httpPath: .text(request.head.path), .errorCode: .text(error.code.rawValue),
                .providerReason: .text(error.detail),
            ])
    }

    // MARK: Browsers

    /// Answers a browser that asks whether a listed page may send a request of another origin.
    private func preflight(_ head: HTTPRequestHead) -> HTTPResponse? {
        guard head.method == "OPTIONS", head.headers["access-control-request-method"] != nil else { return nil }
        return HTTPResponse(
            status: 204,
            headers: [
                ("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
                (
                    "access-control-allow-headers",
                    "authorization, content-type, idempotency-key, if-match, if-none-match"
                ),
                ("access-control-max-age", "600"),
            ])
    }

    /// Headers that every answer has.
    private func finish(_ response: HTTPResponse, for head: HTTPRequestHead) -> HTTPResponse {
        var response = response
        if !response.headers.contains(where: { $0.0 == "cache-control" }) {
            response.headers.append(("cache-control", "no-store"))
        }
        response.headers += [("x-content-type-options", "nosniff"), ("vary", "origin")]
        if let origin = head.headers["origin"], self.configuration.origins.lists(origin) {
            response.headers.append(("access-control-allow-origin", origin))
        }
        return response
    }
}
