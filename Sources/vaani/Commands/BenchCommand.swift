import Audio
import Foundation
import LoadTest
import Observability
import Transport

/// `vaani bench`: what the gateway costs for each user, beside a relay that only copies bytes.
enum BenchCommand: Command {
    static let name = "bench"
    static let summary = "Measure CPU, memory and added latency for each user, on loopback."
    static let usage = [
        "bench [--dialect all] [--users N] [--seconds N]", "bench --codec-floor", "bench --hearing",
    ]
    static let flags = [
        Flag("users", "N", "Users that talk at one time. [500]"),
        Flag(
            "dialect", "NAME", "legacy, json, binary or opus, several with commas, or all; one after the other. [json]"),
        Flag("chunk", "20ms|40ms", "Audio in one message, both ways. [40ms, of opus 20ms]"),
        Flag("ramp", "N", "New users a second. [50]"),
        Flag("seconds", "N", "How long to measure once all are talking. [20]"),
        Flag("persona", "ID", "Whom they talk with. [mohit_vedic_marriage]"),
        Flag(
            "codec-floor", nil,
            "Only measure what Opus alone costs one user: decoding the microphone, encoding replies."),
        Flag("hearing", nil, "Only compare what the built-in engine takes for speech, on sentences in noise."),
        Flag(
            "part", "echo|relay",
            "Play one part of the measurement alone; echo is the model that vaani load measures with."),
        Flag("port", "PORT", "Where the part echo listens on 127.0.0.1. [any that is free]"),
        Flag("target", "PORT", "Where the part relay connects to."),
    ]
    static let details = [
        "Users stream their voice without a pause (24 kHz PCM16, or Opus of 32 kbit/s); the model answers each chunk with",
        "the same samples. Legacy users send recordings of 2 s and wait for the reply. The gateway has one event loop.",
        "Build with -c release, or the figures mean nothing.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        ProcessLimits.prepare()
        if arguments.has("codec-floor") { return try self.measureCodecs(arguments, terminal) }
        if arguments.has("hearing") { return try await HearingBench.run(arguments, terminal) }
        switch arguments.value("part") {
        case "echo": return try await self.playEcho(arguments, terminal)
        case "relay": return try self.playRelay(arguments, terminal)
        case nil: return try await self.measure(arguments, terminal)
        case .some(let part): throw CommandError(.usage, "--part: \"\(part)\" is neither echo nor relay")
        }
    }

    private static func measure(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        let users = try arguments.number("users", 1...20_000) ?? 500
        var plan = LoadPlan(
            users: users, rampPerSecond: try arguments.number("ramp", 1...1_000) ?? 50,
            duration: .seconds(try arguments.number("seconds", 1...3_600) ?? 20),
            personas: [arguments.value("persona") ?? "mohit_vedic_marriage"])
        plan.chunkMilliseconds = try LoadOptions.chunkMilliseconds(arguments)
        try ProcessLimits.requireDescriptors(forUsers: users)
        let benchmark = Benchmark(
            plan, dialects: try self.dialects(arguments.value("dialect") ?? "json"),
            executable: "\(HelperProgram.ownDirectory)/vaani",
            gatewayEnvironment: [
                "VAANI_MAX_SESSIONS": String(users + 100), "VAANI_MAX_CONNECTIONS": String(users + 200),
            ])
        do {
            terminal.print(try await benchmark.run { terminal.note($0) }.description)
        } catch {
            throw CommandError(.unavailable, "the measurement broke off: \(error)")
        }
        return .success
    }

    static func dialects(_ text: String) throws(CommandError) -> [LoadDialect] {
        guard text != "all" else { return LoadDialect.ofGateways }
        var dialects: [LoadDialect] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            guard let dialect = LoadDialect(rawValue: name), LoadDialect.ofGateways.contains(dialect) else {
                throw CommandError(.usage, "--dialect: \"\(name)\" is none of legacy, json, binary, opus and all")
            }
            dialects.append(dialect)
        }
        return dialects
    }

    private static func measureCodecs(_ arguments: Arguments, _ terminal: Terminal) throws(CommandError) -> ExitCode {
        let chunk = try LoadOptions.chunkMilliseconds(arguments) ?? LoadDialect.opus.chunkMilliseconds
        do throws(AudioError) {
            let cost = try CodecFloor.cpuMsPerUserSecond(chunkMilliseconds: chunk)
            let decimals = cost.formatted(
                .number.precision(.fractionLength(3)).locale(Locale(identifier: "en_US_POSIX")))
            terminal.print("Opus alone takes \(decimals) ms of CPU for each user and second")
        } catch {
            throw CommandError(.internalFault, error.message)
        }
        return .success
    }

    private static func playEcho(
        _ arguments: Arguments, _ terminal: Terminal
    ) async throws(CommandError) -> ExitCode {
        let port = try arguments.number("port", 1...65_535) ?? 0
        var signals = SignalWatch.watch([SIGTERM, SIGINT]).makeAsyncIterator()
        do throws(TransportError) {
            let group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
            var configuration = ServerConfiguration(listen: [("127.0.0.1", port)])
            configuration.maxConnections = 100_000
            let server = Server(
                group: group, configuration: configuration, application: EchoModel(), log: .disabled,
                metrics: MetricsRegistry())
            terminal.print("echo on port \(try await server.start()[0].port)")
            _ = await signals.next()
            await server.close(deadline: .zero)
            await group.shutdown()
        } catch {
            throw CommandError(.unavailable, error.message)
        }
        return .success
    }

    private static func playRelay(_ arguments: Arguments, _ terminal: Terminal) throws(CommandError) -> ExitCode {
        guard let target = try arguments.number("target", 1...65_535) else {
            throw CommandError(.usage, "--target names the port to connect to")
        }
        do throws(LoadError) {
            let relay = try ByteRelay()
            terminal.print("relay on port \(relay.port)")
            try relay.run(target: target)
        } catch {
            throw CommandError(.unavailable, error.description)
        }
    }
}
