import Observability
import RealtimeProtocol
import Synchronization
import Transport

@testable import Upstream

/// One loop, and models on loopback that follow scripts. Close it at the end.
final class Laboratory: Sendable {
    let group: EventLoopGroup
    let metrics = MetricsRegistry()
    private let servers = Mutex<[Server]>([])

    var loop: EventLoop { self.group.loops[0] }

    static let created = #"{"type":"session.created","session":{"id":"sess_1"}}"#

    init() throws {
        self.group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
    }

    /// A model and how to reach it.
    func model(
        _ script: ScriptedModel.Script = ScriptedModel.Script(greeting: [Laboratory.created])
    ) async throws -> (ScriptedModel, RealtimeEndpoint) {
        let model = ScriptedModel(script)
        let server = Server(
            group: self.group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]), application: model,
            log: .disabled, metrics: MetricsRegistry())
        self.servers.withLock { $0.append(server) }
        let port = try await server.start()[0].port
        return (model, RealtimeEndpoint(url: "ws://127.0.0.1:\(port)/v1/realtime", model: "model"))
    }

    /// What a connection tells, up to its first `session.created` or its end.
    func firstWord(of connector: RealtimeClientConnector) async -> RealtimeConnectionEvent {
        let loop = self.loop
        return await withCheckedContinuation { done in
            loop.execute {
                let held = Held()
                held.connection = connector.connect(on: loop) { event in
                    guard let connection = held.connection else { return }
                    held.connection = nil
                    connection.close()
                    done.resume(returning: event)
                }
            }
        }
    }

    func figure(_ line: String) -> Double {
        let lines = self.metrics.prometheusText().split(separator: "\n")
        return lines.first { $0.hasPrefix(line + " ") }.flatMap { Double($0.split(separator: " ")[1]) } ?? 0
    }

    /// Waits until a figure has a value; the suite's own time limit ends a vain wait.
    func wait(for line: String, _ value: Double) async {
        while self.figure(line) != value { await Task.yield() }
    }

    func close() async {
        for server in self.servers.withLock({ $0 }) { await server.close(deadline: .zero) }
        await self.group.shutdown()
    }

    /// Touched on the loop alone.
    private final class Held: @unchecked Sendable {
        var connection: (any RealtimeConnection)?
    }
}
