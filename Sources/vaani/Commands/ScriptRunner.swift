import Engine
import Foundation
import Observability
import Transport
import Workers

/// `vaani engine --script FILE`: plays a fault script, and says how it went.
struct ScriptRunner {
    private static let maxBytes = 1 << 20

    private let file: String
    private let script: FaultScript
    private let configuration: Configuration
    private let terminal: Terminal

    init(file: String, _ configuration: Configuration, _ terminal: Terminal) throws(CommandError) {
        self.file = file
        self.configuration = configuration
        self.terminal = terminal
        let text = try Self.read(file)
        do throws(FaultScriptError) {
            self.script = try FaultScript(parsing: text)
        } catch {
            throw CommandError(.badData, "\(file): \(error.description)")
        }
    }

    private static func read(_ file: String) throws(CommandError) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw CommandError(.badData, "\(file) cannot be read")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: self.maxBytes + 1), data.count <= self.maxBytes else {
            throw CommandError(.badData, "\(file) is no file of at most \(self.maxBytes) bytes")
        }
        return Array(data)
    }

    func run() async throws(CommandError) -> ExitCode {
        for address in self.configuration.listen { try PortProbe.check(address) }
        ProcessLimits.prepare()
        let sink = self.configuration.makeLogSink(self.terminal)
        defer { sink.close() }
        let (log, metrics) = (Log(sink: sink), MetricsRegistry())
        let pool =
            self.script.speech == .voice
            ? try EngineCommand.speechPool(self.configuration, log: log, metrics: metrics) : nil
        let synthesizer: any SpeechSynthesizer = pool.map { SpeechWorkers(pool: $0) } ?? ToneSynthesizer()
        var settings = EngineConfiguration()
        settings.detector = self.configuration.engineVAD
        let engine = ScriptedEngine(
            script: self.script, configuration: settings, synthesizer: synthesizer, log: log, metrics: metrics)
        let signals = SignalWatch.watch([SIGTERM, SIGINT])
        let server = EngineServer(self.configuration, settings, log: log, metrics: metrics)
        if !self.script.about.isEmpty { self.terminal.note("Script: \(self.script.about)") }
        var verdict = engine.verdict
        try await server.serve(engine, self.terminal) {
            await Self.first({ await engine.played() }, { for await _ in signals { return } })
            // Before the server closes what is open, which is no doing of the script.
            verdict = engine.verdict
        }
        await pool?.shutdown()
        return self.tell(verdict)
    }

    private func tell(_ verdict: ScriptVerdict) -> ExitCode {
        for line in verdict.lines { self.terminal.print("\(self.file): \(line)") }
        return verdict.failures.isEmpty ? .success : .checkFailed
    }

    /// Returns when either does.
    private static func first(
        _ one: @escaping @Sendable () async -> Void, _ other: @escaping @Sendable () async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(operation: one)
            group.addTask(operation: other)
            await group.next()
            group.cancelAll()
        }
    }
}
