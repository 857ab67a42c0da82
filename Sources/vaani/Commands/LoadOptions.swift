import Foundation
import LoadTest

/// The command line of `vaani load`, checked.
struct LoadOptions: Equatable {
    /// Where a report goes; nil for one that nobody asked for.
    struct Reports: Equatable {
        var json: String?
        var html: String?
    }

    var plan: LoadPlan
    var url: String
    var objectives: [Objective]
    var reports: Reports
    var findsKnee: Bool
    var gatewayProcessID: Int32?
    var loops: Int
    /// After which the run ends, whatever it has measured until then.
    var deadline: Duration

    init(_ arguments: Arguments) throws(CommandError) {
        self.url = try Self.url(
            arguments.value("url") ?? "ws://127.0.0.1:8000", allowsRemote: arguments.has("allow-remote"))
        self.reports = Reports(json: arguments.value("json"), html: arguments.value("html"))
        self.findsKnee = arguments.has("find-knee")
        self.loops = try arguments.number("loops", 1...64) ?? 1
        self.gatewayProcessID = try arguments.number("gateway-pid", 1...Int(Int32.max)).map { Int32($0) }
        (self.plan, self.objectives) = try Self.planAndObjectives(arguments)
        let phases = self.findsKnee ? KneeSearch.mostLevels : 1
        let usual = (self.plan.length + .seconds(2)) * phases * 2 + .seconds(30)
        self.deadline =
            try arguments.value("deadline").map { text throws(CommandError) in
                try Self.duration(text, of: "deadline")
            } ?? usual
        try self.check()
    }

    private static func planAndObjectives(
        _ arguments: Arguments
    ) throws(CommandError) -> (LoadPlan, [Objective]) {
        var plan = LoadPlan(
            users: try arguments.number("users", 1...50_000) ?? 100,
            rampPerSecond: try arguments.number("ramp", 1...10_000) ?? 50)
        plan.duration = try Self.duration(arguments.value("duration") ?? "20s", of: "duration")
        plan.seed = UInt64(try arguments.number("seed", 0...Int.max) ?? 1)
        plan.chunkMilliseconds = try Self.chunkMilliseconds(arguments)
        plan.behaviour = Behaviour(
            talkShare: try arguments.decimal("talk-share", 0.01...1) ?? 1,
            bargeInsPerMinute: try arguments.decimal("barge-ins", 0...600) ?? 0,
            switchesPerMinute: try arguments.decimal("switches", 0...600) ?? 0,
            dropsPerMinute: try arguments.decimal("drops", 0...600) ?? 0)
        if let ids = arguments.value("personas") {
            plan.personas = ids.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        do throws(LoadError) {
            if let mix = arguments.value("dialect") { plan.mix = try DialectMix(parsing: mix) }
            var objectives: [Objective] = []
            for text in arguments.values["slo"] ?? [] { objectives.append(try Objective(parsing: text)) }
            return (plan, objectives)
        } catch {
            throw CommandError(.usage, error.description)
        }
    }

    private func check() throws(CommandError) {
        guard !self.plan.personas.isEmpty else { throw CommandError(.usage, "--personas names nobody") }
        if self.plan.behaviour.switchesPerMinute > 0, self.plan.personas.count < 2 {
            throw CommandError(.usage, "--switches needs --personas with two of them or more")
        }
        if self.findsKnee, self.objectives.isEmpty {
            throw CommandError(.usage, "--find-knee needs an objective to miss, such as --slo p99_added=20ms")
        }
    }

    /// Without the slash at its end.
    private static func url(_ text: String, allowsRemote: Bool) throws(CommandError) -> String {
        guard let address = GatewayAddress(text) else {
            throw CommandError(.usage, "--url: \"\(text)\" is no URL such as ws://127.0.0.1:8000")
        }
        guard address.isLoopback || allowsRemote else {
            throw CommandError(
                .usage,
                """
                --url: \(address.host) is another machine; with --allow-remote it is put under load, which its owner \
                should know of
                """)
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// `20ms` or `40ms`: the turns of the wheel that paces microphones.
    static func chunkMilliseconds(_ arguments: Arguments) throws(CommandError) -> Int? {
        switch arguments.value("chunk") {
        case nil: nil
        case "20ms": 20
        case "40ms": 40
        case .some(let text): throw CommandError(.usage, "--chunk: \"\(text)\" is neither 20ms nor 40ms")
        }
    }

    /// `90s`, `5m`, `500ms`.
    static func duration(_ text: String, of flag: String) throws(CommandError) -> Duration {
        let units: [(String, Duration)] = [("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60))]
        for (unit, duration) in units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), (0...86_400_000).contains(number) else { continue }
            let length = duration * number
            if (.milliseconds(500) ... .seconds(86_400)).contains(length) { return length }
        }
        throw CommandError(.usage, "--\(flag): \"\(text)\" is no time from 500ms to 1440m, such as 30s")
    }
}
