import Foundation
import LoadTest
import Observability
import Transport

/// `vaani bench`: what the gateway costs for each user, beside a relay that only copies bytes.
enum BenchCommand: Command {
    static let name = "bench"
    static let summary = "Measure CPU, memory and added latency for each user, on loopback."
    static let usage = ["bench [--users N] [--seconds N]"]
    static let flags = [
        Flag("users", "N", "Users that talk at one time. [500]"),
        Flag("ramp", "N", "New users a second. [50]"),
        Flag("seconds", "N", "How long to measure once all are talking. [20]"),
        Flag("persona", "ID", "Whom they talk with. [mohit_vedic_marriage]"),
        Flag("part", "echo|relay", "Play one part of the measurement; used by the command itself."),
        Flag("target", "PORT", "Where the part relay connects to."),
    ]
    static let details = [
        "Users stream 24 kHz PCM16 in chunks of 40 ms; the model answers each with the same samples. The gateway has one",
        "event loop. Build with -c release, or the figures mean nothing.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        ProcessLimits.prepare()
        switch arguments.value("part") {
        case "echo": return try await self.playEcho(terminal)
        case "relay": return try self.playRelay(arguments, terminal)
        case nil: return try await self.measure(arguments, terminal)
        case .some(let part): throw CommandError(.usage, "--part: \"\(part)\" is neither echo nor relay")
        }
    }

    private static func measure(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        let users = try self.number(arguments, "users", 1...20_000) ?? 500
        let plan = Crowd.Plan(
            users: users, rampPerSecond: try self.number(arguments, "ramp", 1...1_000) ?? 50,
            measured: .seconds(try self.number(arguments, "seconds", 1...3_600) ?? 20))
        let benchmark = Benchmark(
            plan, executable: "\(HelperProgram.ownDirectory)/vaani",
            personaID: arguments.value("persona") ?? "mohit_vedic_marriage",
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

    private static func playEcho(_ terminal: Terminal) async throws(CommandError) -> ExitCode {
        var signals = SignalWatch.watch([SIGTERM, SIGINT]).makeAsyncIterator()
        do throws(TransportError) {
            let group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
            var configuration = ServerConfiguration(listen: [("127.0.0.1", 0)])
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
        guard let target = try self.number(arguments, "target", 1...65_535) else {
            throw CommandError(.usage, "--target names the port to connect to")
        }
        do throws(BenchmarkError) {
            let relay = try ByteRelay()
            terminal.print("relay on port \(relay.port)")
            try relay.run(target: target)
        } catch {
            throw CommandError(.unavailable, error.description)
        }
    }

    private static func number(
        _ arguments: Arguments, _ flag: String, _ range: ClosedRange<Int>
    ) throws(CommandError) -> Int? {
        guard let text = arguments.value(flag) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw CommandError(.usage, "--\(flag): \"\(text)\" is not \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
