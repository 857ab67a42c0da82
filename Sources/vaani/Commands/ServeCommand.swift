import Foundation
import LanguageModels
import Observability

/// `vaani serve`: the gateway itself.
enum ServeCommand: Command {
    static let name = "serve"
    static let summary = "Start the gateway; with the built-in engine where no upstream is named."
    static let usage = ["serve [--listen HOST:PORT] [--upstream-url URL] [OPTION …]"]
    static let flags = Configuration.flags
    static let details = [
        "Signals:",
        "  SIGHUP reads the personas and the keys of tokens again. SIGTERM and SIGINT let conversations end, up to",
        "  drain_timeout; a second one ends at once.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let configuration = try Configuration.read(arguments, terminal)
        guard !arguments.has(ConfigurationReader.printFlag.name) else {
            configuration.lines.forEach(terminal.print)
            return .success
        }
        ProcessLimits.prepare()
        let signals = SignalWatch.watch([SIGHUP, SIGTERM, SIGINT])
        let sink = configuration.makeLogSink(terminal)
        defer { sink.close() }
        let dataDirectory = try DataDirectory.find(configuration.dataDirectory, terminal.environment)
        let service = try await Service.start(configuration, dataDirectory: dataDirectory, log: Log(sink: sink))
        let manager = ServiceManager(environment: terminal.environment)
        self.screen(configuration, service).lines(terminal).forEach(terminal.print)
        manager.ready()
        await self.run(service, until: signals, manager) { try? Configuration.read(arguments, terminal) }
        return .success
    }

    /// Serves until a signal asks to stop, and drains; the next signal does not wait for that.
    ///
    /// - Parameter configuration: reads the configuration again; nil where it has become wrong.
    private static func run(
        _ service: Service, until signals: AsyncStream<Int32>, _ manager: ServiceManager,
        configuration: () -> Configuration?
    ) async {
        var signals = signals.makeAsyncIterator()
        while let signal = await signals.next() {
            if signal == SIGHUP {
                service.reload(configuration())
                continue
            }
            break
        }
        manager.stopping()
        let drain = Task { await service.stop() }
        let impatience = Task { [signals] in
            var signals = signals
            while let signal = await signals.next() {
                if signal != SIGHUP { exit(ExitCode.success.rawValue) }
            }
        }
        await drain.value
        impatience.cancel()
    }

    private static func screen(_ configuration: Configuration, _ service: Service) -> StartScreen {
        let address = service.addresses.first.map { ListenAddress(host: $0.host, port: $0.port).settingText } ?? ""
        return StartScreen(
            version: Version.number, program: CommandLine.arguments[0], address: address,
            isEncrypted: !configuration.tlsCertificate.isEmpty, personas: service.firstReport.loaded,
            rejectedPersonas: service.firstReport.rejected.count,
            personaFolder: (try? PersonaFolder.find(configuration.personas)) ?? configuration.personas,
            model: configuration.usesEmbeddedEngine ? nil : (configuration.modelName, configuration.upstreamName),
            writer: configuration.models?.role(.reply)?.model,
            recognizer: configuration.models?.role(.transcription)?.model,
            provider: configuration.providerSettings?.url,
            hasUnusedKey: configuration.usesEmbeddedEngine && configuration.upstreamKey != nil,
            example: service.personas.catalog.personas.first.map { String($0.id.rawValue.prefix { $0 != "_" }) })
    }
}
