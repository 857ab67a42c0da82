import Foundation
import Observability
import RealtimeProtocol
import Transport

/// A realtime model that does what a script says, at `/v1/realtime`: for clients that are to be seen in trouble.
///
/// It lets everybody in, whatever key they show.
public final class ScriptedEngine: ServerApplication, Sendable {
    private let run: ScriptRun
    private let engine: RealtimeEngine
    private let services: EngineServices
    private let decided: AsyncStream<Void>

    public init(
        script: FaultScript, configuration: EngineConfiguration, synthesizer: any SpeechSynthesizer, log: Log,
        metrics: MetricsRegistry
    ) {
        let (decided, feed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.decided = decided
        self.run = ScriptRun(script) { feed.yield() }
        self.services = EngineServices(
            configuration: configuration, synthesizer: synthesizer, log: log, metrics: EngineMetrics(metrics))
        self.engine = RealtimeEngine(
            configuration: configuration, synthesizer: synthesizer, log: log, metrics: metrics)
    }

    /// Returns when the outcome is known: a step has failed, or all connections have been and gone.
    public func played() async {
        for await _ in self.decided where self.run.isDecided { return }
    }

    /// How it went, if it ended now: what was not reached has failed.
    public var verdict: ScriptVerdict { self.run.verdict }

    public func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        guard upgrade.path == RealtimeEngine.path else { return .refuse(.notFound) }
        switch self.run.take() {
        case .refused(let refusal): return .refuse(.scripted(refusal))
        case .beyond:
            guard self.run.script.rest == .engine else { return .refuse(.notScripted) }
            return self.engine.decide(upgrade, on: loop)
        case .scripted(let connection, let number):
            let session = EngineSession(
                loop: loop, model: upgrade.queryValue("model") ?? "vaani", settings: SessionSettings(),
                services: self.services, seat: nil)
            let handler = ScriptSession(connection, number: number, engine: session, loop: loop, run: self.run)
            return .accept(handler, subprotocol: upgrade.subprotocols.first { $0 == "realtime" })
        }
    }

    public func bodyLimit(for head: HTTPRequestHead) -> Int { 0 }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        request.head.path == RealtimeEngine.path ? .upgradeRequired : .notFound
    }
}
