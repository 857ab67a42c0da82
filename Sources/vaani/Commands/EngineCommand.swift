import Engine
import Foundation
import Observability
import Transport
import Workers

/// `vaani engine`: the embedded engine alone, for programs that speak the Realtime protocol.
enum EngineCommand: Command {
    static let name = "engine"
    static let summary = "Start the built-in realtime engine alone, at /v1/realtime."
    static let usage = [
        "engine [--listen HOST:PORT] [--record DIRECTORY]", "engine --script FILE [--listen HOST:PORT]",
        "engine --replay FILE",
    ]
    static let flags =
        Configuration.flags(
            for: [
                "listen", "loops", "engine_vad", "models_file", "workers_directory", "speech_workers", "log_level",
                "log_format",
            ])
        + [
            Flag("script", "FILE", "Do what a fault script says, one connection after the other, then end."),
            Flag(
                "record", "DIRECTORY", "Write each session's events into a file there, without audio and credentials."),
            Flag("record-audio", nil, "Keep the audio in what is recorded, so that a replay compares it too."),
            Flag("replay", "FILE", "Play a recording into a fresh session, compare what it says, and end."),
        ]
    static let details = [
        "Speaks the OpenAI Realtime protocol with synthesized speech. Models of --models-file recognise words and write the",
        "answers; without them it hears that somebody speaks, not what, and answers come from the persona in the session's",
        "instructions. With VAANI_ENGINE_KEY set, clients must show that key.",
        "A script (YAML or JSON, see docs/engine.md) has the engine misbehave: exit code 1 and the line of the file tell",
        "which of its steps did not happen, or what came that no step expected.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        if let file = arguments.value("replay") { return try RecordingPlayer(file: file, terminal).run() }
        let configuration = try Configuration.read(arguments, terminal)
        if let file = arguments.value("script") {
            return try await ScriptRunner(file: file, configuration, terminal).run()
        }
        for address in configuration.listen { try PortProbe.check(address) }
        ProcessLimits.prepare()
        let sink = configuration.makeLogSink(terminal)
        defer { sink.close() }
        let (log, metrics) = (Log(sink: sink), MetricsRegistry())
        let pool = try self.speechPool(configuration, log: log, metrics: metrics)
        var engineConfiguration = EngineConfiguration()
        engineConfiguration.key = terminal.environment["VAANI_ENGINE_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        engineConfiguration.detector = configuration.engineVAD
        engineConfiguration.recording = try RecordingPlayer.settings(arguments)
        let models = try ModelServices.open(configuration, log: log, metrics: metrics)
        guard models == nil || engineConfiguration.recording == nil else {
            throw CommandError(
                .usage, "--record is for the engine alone: what models of models_file say is not recorded")
        }
        let engine = RealtimeEngine(
            configuration: engineConfiguration, synthesizer: SpeechWorkers(pool: pool),
            models: models?.forEngine ?? EngineModels(), log: log, metrics: metrics)
        var signals = SignalWatch.watch([SIGTERM, SIGINT]).makeAsyncIterator()
        let server = EngineServer(configuration, engineConfiguration, log: log, metrics: metrics)
        try await server.serve(engine, terminal) { _ = await signals.next() }
        await models?.close()
        await pool.shutdown()
        return .success
    }

    static func speechPool(
        _ configuration: Configuration, log: Log, metrics: MetricsRegistry
    ) throws(CommandError) -> WorkerPool {
        let helper = try HelperProgram.speech.path(in: configuration.workersDirectory)
        return WorkerPool(
            WorkerPool.Configuration(executable: helper, size: configuration.speechWorkers), name: "speech", log: log,
            metrics: metrics)
    }
}
