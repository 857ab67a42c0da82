import Gateway
import Transport

/// Divides one port between the gateway and the realtime engine that is built in.
struct FrontDoor: ServerApplication {
    let gateway: GatewayApplication
    /// Serves `/v1/…`; nil where a real model answers.
    let engine: (any ServerApplication)?

    private func application(for path: String) -> any ServerApplication {
        self.engine(for: path) ?? self.gateway
    }

    private func engine(for path: String) -> (any ServerApplication)? {
        path.hasPrefix("/v1/") ? self.engine : nil
    }

    func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        guard let engine = self.engine(for: upgrade.path) else { return self.gateway.decide(upgrade, on: loop) }
        if let refusal = self.gateway.refusal(ofPage: upgrade) { return .refuse(refusal) }
        return engine.decide(upgrade, on: loop)
    }

    func bodyLimit(for head: HTTPRequestHead) -> Int {
        self.application(for: head.path).bodyLimit(for: head)
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        await self.application(for: request.head.path).respond(to: request)
    }
}
