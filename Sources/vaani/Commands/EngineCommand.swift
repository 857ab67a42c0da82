import Engine
import Foundation
import Observability
import Transport
import Workers

/// `vaani engine`: the embedded engine alone, for programs that speak the Realtime protocol.
enum EngineCommand: Command {
    static let name = "engine"
    static let summary = "Start the built-in realtime engine alone, at /v1/realtime."
    static let usage = ["engine [--listen HOST:PORT]"]
    static let flags = Configuration.flags(
        for: ["listen", "loops", "workers_directory", "speech_workers", "log_level", "log_format"])
    static let details = [
        "Speaks the OpenAI Realtime protocol with synthesized speech. It hears that somebody speaks, not what; answers",
        "come from the persona in the session's instructions. With VAANI_ENGINE_KEY set, clients must show that key.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let configuration = try Configuration.read(arguments, terminal)
        for address in configuration.listen { try PortProbe.check(address) }
        let helper = try HelperProgram.speech.path(in: configuration.workersDirectory)
        ProcessLimits.prepare()
        var signals = SignalWatch.watch([SIGTERM, SIGINT]).makeAsyncIterator()
        let sink = configuration.makeLogSink(terminal)
        defer { sink.close() }
        let (log, metrics) = (Log(sink: sink), MetricsRegistry())
        let pool = WorkerPool(
            WorkerPool.Configuration(executable: helper, size: configuration.speechWorkers), name: "speech", log: log,
            metrics: metrics)
        var engineConfiguration = EngineConfiguration()
        engineConfiguration.key = terminal.environment["VAANI_ENGINE_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        let engine = RealtimeEngine(
            configuration: engineConfiguration, synthesizer: SpeechWorkers(pool: pool), log: log, metrics: metrics)
        do throws(TransportError) {
            let count = configuration.loops > 0 ? configuration.loops : ProcessInfo.processInfo.activeProcessorCount
            let group = try EventLoopGroup(count: count, log: log, metrics: metrics)
            var serverConfiguration = configuration.serverConfiguration
            serverConfiguration.maxMessageBytes = engineConfiguration.maxEventBytes
            let server = Server(
                group: group, configuration: serverConfiguration, application: engine, log: log, metrics: metrics)
            let address = try await server.start()[0]
            terminal.print("Realtime engine at ws://\(address.host):\(address.port)/v1/realtime")
            _ = await signals.next()
            await server.close(deadline: .seconds(2))
            await group.shutdown()
        } catch {
            throw CommandError(.unavailable, error.message)
        }
        await pool.shutdown()
        return .success
    }
}
