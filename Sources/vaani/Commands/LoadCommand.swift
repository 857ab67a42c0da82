import Foundation
import LoadTest
import Observability
import Transport

/// `vaani load`: many synthetic users against any gateway.
enum LoadCommand: Command {
    static let name = "load"
    static let summary = "Put thousands of synthetic users on a gateway and report what they meet."
    static let usage = ["load --url ws://HOST:PORT [--users N] [--slo p99_added=20ms]"]
    static let flags = [
        Flag("url", "URL", "Of the gateway, without a path. [ws://127.0.0.1:8000]"),
        Flag("users", "N", "Users that are there at one time. [100]"),
        Flag("ramp", "N", "New users a second. [50]"),
        Flag("duration", "TIME", "How long to measure once all are there, such as 30s or 5m. [20s]"),
        Flag("dialect", "MIX", "legacy, json, binary, opus, realtime, or shares: json=70,legacy=30. [json]"),
        Flag("chunk", "20ms|40ms", "Audio in one message, both ways. [40ms, of opus 20ms]"),
        Flag("talk-share", "SHARE", "Of the time that a user talks, above 0 to 1. [1]"),
        Flag("barge-ins", "RATE", "How often a user interrupts, a minute. [0]"),
        Flag("switches", "RATE", "How often a user takes another persona, a minute; needs two. [0]"),
        Flag("drops", "RATE", "How often a user's connection is lost and made anew, a minute. [0]"),
        Flag("personas", "IDS", "Whom they talk with, in turn. [mohit_vedic_marriage]"),
        Flag("seed", "N", "The same seed gives the same users. [1]"),
        Flag("loops", "N", "Threads of the generator. [1]"),
        Flag("json", "FILE", "Write the report for programs (docs/schema/load-report.schema.json)."),
        Flag("html", "FILE", "Write the report as a page with plots, which needs nothing from outside."),
        Flag("slo", "NAME=LIMIT", "What must hold, or the exit status is 1; may be given several times."),
        Flag("find-knee", nil, "Look for the most users, up to --users, with which every objective holds."),
        Flag(
            "gateway-pid", "PID",
            "Whose CPU and memory to report. [who listens at the URL here, or else what /metrics there says]"),
        Flag("deadline", "TIME", "When to end, whatever has been measured. [twice what the plan takes, and 30 s]"),
        Flag("allow-remote", nil, "Put another machine under load; without it the URL must be of this one."),
    ]
    static let details = [
        "Objectives: p50_, p95_, p99_ or max_ with added, up, down, first_audio, barge_in or switch, in us, ms or s;",
        "errors, lost, late, stale as a number or in %; connected=99%; cpu=1.5ms and memory=96KiB for each user. With a",
        "dialect in front they are about its users alone: opus.p99_added=20ms.",
        "",
        "Added latency is read from stamps in the audio itself, so something must echo the microphones:",
        "  vaani bench --part echo --port 9100",
        "  vaani serve --upstream-url ws://127.0.0.1:9100/v1/realtime --listen 127.0.0.1:8000",
        "  vaani load --users 250 --slo p99_added=20ms --slo errors=0 --html load.html",
        "With a model that answers for itself, first audio alone is measured: from the end of what a user says, so let",
        "users pause with --talk-share 0.3.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let options = try LoadOptions(arguments)
        ProcessLimits.prepare()
        try ProcessLimits.requireDescriptors(forUsers: options.plan.users)
        let startedAt = Date.now.formatted(.iso8601)
        let result = try await self.measure(options, terminal)
        terminal.print(result.description)
        if let path = options.reports.json {
            try self.write(result.json(startedAt: startedAt, version: Version.number).text + "\n", to: path)
        }
        if let path = options.reports.html {
            try self.write(result.html(startedAt: startedAt, version: Version.number), to: path)
        }
        return self.exitCode(result)
    }

    private static func measure(
        _ options: LoadOptions, _ terminal: Terminal
    ) async throws(CommandError) -> LoadResult {
        do {
            let group = try EventLoopGroup(count: options.loops, log: .disabled, metrics: MetricsRegistry())
            let run = LoadRun(
                options.plan, url: options.url, on: group, objectives: options.objectives,
                findsKnee: options.findsKnee, gateway: self.gateway(options))
            let interrupts = Task {
                for await _ in SignalWatch.watch([SIGINT, SIGTERM]) { run.stop() }
            }
            let deadline = Task {
                try await Task.sleep(for: options.deadline)
                run.stop()
            }
            defer {
                interrupts.cancel()
                deadline.cancel()
            }
            let line = LoadProgressLine(terminal)
            let result = try await run.run { line.show($0) }
            line.end()
            await group.shutdown()
            return result
        } catch {
            throw CommandError(.unavailable, "\(error)")
        }
    }

    private static func gateway(_ options: LoadOptions) -> UsageSource? {
        options.gatewayProcessID.map { .process($0) } ?? UsageSource.find(url: options.url)
    }

    private static func write(_ text: String, to path: String) throws(CommandError) {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandError(.unavailable, "\(path): the report cannot be written")
        }
    }

    private static func exitCode(_ result: LoadResult) -> ExitCode {
        guard let measured = result.measured else { return .checkFailed }
        if measured.connected == 0 { return .unavailable }
        // What was not measured to its end proves nothing.
        if result.isCutShort, !result.objectives.isEmpty { return .checkFailed }
        if result.findsKnee { return result.knee == nil ? .checkFailed : .success }
        return result.keepsObjectives ? .success : .checkFailed
    }
}
