import Foundation
import JSON
import Observability
import ProviderDouble
import Transport

/// `vaani provider-double`: stands for the provider of video personas, to try and to test against.
enum ProviderDoubleCommand: Command {
    static let name = "provider-double"
    static let summary = "Stand for the persona provider's cloud, to try or test without an account."
    static let usage = ["provider-double [--listen HOST:PORT] [--status none|spec] [--fault RULE]..."]
    static let flags = [
        Flag("listen", "HOST:PORT", "Where to listen; 127.0.0.1:8790 when not given, port 0 picks one."),
        Flag("status", "MODE", "none: personas have no status, as at the provider; spec: queued, then ready."),
        Flag("get", "SHAPE", "What asking for one persona gives: array, as documented, or flat."),
        Flag("delay", "SECONDS", "Answer so much later; what was asked for is done at once."),
        Flag("persona-lag", "SECONDS", "From creation to ready, with --status spec."),
        Flag("replica-lag", "SECONDS", "How long replicas train, those at the start included."),
        Flag("document-lag", "SECONDS", "How long documents are read, those at the start included."),
        Flag("clock", "MOMENT", "Stop the clock at a moment such as 2025-12-01T10:00:00Z."),
        Flag("fault", "RULE", "What goes wrong, as JSON; may be given several times."),
        Flag("seed", "FILE", "Personas, replicas and documents to begin with, as JSON."),
        Flag("log", "FILE", "Append each request there, one JSON object a line, its key masked."),
    ]
    static let details = [
        "It is a double, and says so in each answer (x-double). With VAANI_DOUBLE_KEY set, requests must show that key in",
        "x-api-key. This machine can ask it what came and have things go wrong, at /__double:",
        "  curl -s localhost:8790/__double/requests",
        "  curl -s localhost:8790/__double/faults -d '{\"path\": \"/v2/personas\", \"answer\": 429, \"retry_after\": 7, \"times\": 2}'",
        "  curl -s localhost:8790/__double/clock -d '{\"advance\": 120}'",
        "docs/provider.md has the rules for faults.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let address = try self.address(arguments)
        try PortProbe.check(address)
        ProcessLimits.prepare()
        let state = try self.state(arguments, terminal)
        var signals = SignalWatch.watch([SIGTERM, SIGINT]).makeAsyncIterator()
        do {
            let double = try ProviderDouble(state, logFile: arguments.value("log"))
            try await self.serve(double, address, terminal) { _ = await signals.next() }
        } catch let error as ProviderDoubleError {
            throw CommandError(.cannotKeep, error.description)
        } catch {
            throw CommandError(.unavailable, (error as? TransportError)?.message ?? "\(error)")
        }
        return .success
    }

    private static func serve(
        _ double: ProviderDouble, _ address: ListenAddress, _ terminal: Terminal, until end: () async -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: metrics)
        let server = Server(
            group: group, configuration: ServerConfiguration(listen: [(address.host, address.port)]),
            application: double, log: .disabled, metrics: metrics)
        let bound = try await server.start()[0]
        let url = "http://\(ListenAddress(host: bound.host, port: bound.port).settingText)"
        terminal.print("Provider double at \(url): \(ProviderDouble.banner)")
        await end()
        await server.close(deadline: .milliseconds(200))
        await group.shutdown()
    }

    private static func address(_ arguments: Arguments) throws(CommandError) -> ListenAddress {
        do throws(InvalidSetting) {
            return try ListenAddress(parsing: arguments.value("listen") ?? "127.0.0.1:8790")
        } catch {
            throw CommandError(.usage, "--listen: \(error.message)")
        }
    }

    private static func state(_ arguments: Arguments, _ terminal: Terminal) throws(CommandError) -> DoubleState {
        do throws(ProviderDoubleError) {
            var settings = DoubleSettings()
            try settings.obey(.object(try self.settings(arguments)))
            settings.key = terminal.environment["VAANI_DOUBLE_KEY"].flatMap { $0.isEmpty ? nil : $0 }
            settings.salt = UInt64.random(in: 0...UInt64.max)
            let seed = try arguments.value("seed").map(self.seed) ?? .stock
            var state = DoubleState(settings, seed: seed, at: Date())
            if let moment = arguments.value("clock") { try state.startOver(at: moment) }
            for rule in arguments.values["fault"] ?? [] { try state.add(FaultRule(self.json(rule, "--fault"))) }
            return state
        } catch {
            throw CommandError(.usage, error.description)
        }
    }

    private static func settings(_ arguments: Arguments) throws(ProviderDoubleError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for flag in ["status", "get"] { members[flag] = arguments.value(flag).map { .string($0) } }
        for flag in ["delay", "persona-lag", "replica-lag", "document-lag"] {
            guard let text = arguments.value(flag) else { continue }
            guard let seconds = Double(text) else {
                throw ProviderDoubleError("settings", "--\(flag): \"\(text)\" is no number of seconds")
            }
            members[flag.replacing("-", with: "_")] = .number(seconds)
        }
        return members
    }

    private static func seed(_ path: String) throws(ProviderDoubleError) -> DoubleSeed {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ProviderDoubleError("seed", "--seed: \(path) cannot be read")
        }
        return try DoubleSeed(self.json(text, "--seed"))
    }

    private static func json(_ text: String, _ flag: String) throws(ProviderDoubleError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(strictly: Array(text.utf8))
        } catch {
            throw ProviderDoubleError("json", "\(flag): \(error.description)")
        }
    }
}
