/// A report's rows, for a terminal and for a page.
struct LoadTable: Sendable, Equatable {
    struct Row: Sendable, Equatable {
        var name: String
        var cells: [String]
    }

    static let latencyHeads = ["p50 ms", "p95 ms", "p99 ms", "max ms", "count"]

    /// Times, one row for each kind that was measured.
    static func latencies(_ phase: LoadPhase) -> [Row] {
        guard phase.dialects.count > 1 else { return self.rows(phase.figures) }
        return LoadDialect.allCases.flatMap { dialect in
            phase.dialects[dialect].map { self.rows($0, prefix: "\(dialect.rawValue): ") } ?? []
        }
    }

    private static func rows(_ figures: LoadFigures, prefix: String = "") -> [Row] {
        let rows: [(String, LatencyHistogram)] = [
            ("first audio", figures.firstAudio), ("added, both ways", figures.added), ("added, up", figures.up),
            ("added, down", figures.down), ("barge-in to clear", figures.bargeIn),
            ("persona switch", figures.switching),
        ]
        return rows.compactMap { name, histogram in
            histogram.summary.map { summary in
                let times = [summary.p50, summary.p95, summary.p99, summary.max].map(Figure.milliseconds)
                return Row(name: prefix + name, cells: times + ["\(summary.count)"])
            }
        }
    }

    /// Everything else, a name and a value.
    static func facts(_ phase: LoadPhase) -> [Row] {
        let figures = phase.figures
        var rows = [
            Row(name: "connected", cells: ["\(phase.connected) of \(phase.users)"]),
            Row(name: "errors", cells: [self.list(figures.errors)]),
        ]
        if !figures.warnings.isEmpty { rows.append(Row(name: "warnings", cells: [self.list(figures.warnings)])) }
        rows.append(Row(name: "chunks", cells: [self.chunks(phase)]))
        if figures.turns > 0 { rows.append(Row(name: "turns", cells: ["\(figures.turns)"])) }
        if figures.reconnects > 0 { rows.append(Row(name: "reconnected", cells: ["\(figures.reconnects) times"])) }
        rows.append(Row(name: "gateway", cells: [self.cost(phase, phase.gateway)]))
        rows.append(Row(name: "this generator", cells: [self.cost(phase, phase.generator)]))
        return rows
    }

    /// What a reader must know to judge the figures.
    static func remarks(_ phase: LoadPhase) -> [String] {
        var remarks: [String] = []
        let figures = phase.figures
        if !figures.hasEcho {
            remarks.append(
                """
                added latency cannot be measured: what answers is no echo of the microphones (see vaani bench --part echo); \
                first audio holds the model's own time
                """)
        } else if figures.up.count == 0 {
            remarks.append(
                """
                up and down cannot be told apart: the echo writes no stamps, runs on another machine, or the audio is Opus
                """)
        }
        if phase.dialects[.legacy]?.hasEcho == true {
            remarks.append(
                "added latency of legacy users is of whole turns: a recording of 2 s up, all of the reply down")
        }
        if let doubt = phase.doubt { remarks.append(doubt) }
        if let own = phase.generator, let gateway = phase.gateway, own.cpuSeconds > gateway.cpuSeconds {
            remarks.append("the generator took more CPU than the gateway")
        }
        return remarks
    }

    private static func list(_ counts: [String: Int]) -> String {
        guard !counts.isEmpty else { return "none" }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }

    private static func chunks(_ phase: LoadPhase) -> String {
        let figures = phase.figures
        guard figures.hasEcho else { return "\(figures.chunksSent) sent" }
        let stale = figures.chunksStale > 0 ? ", \(figures.chunksStale) stale" : ""
        let lateAfter = Int(LoadFigures.lateAfter / .milliseconds(1))
        return """
            \(figures.chunksSent) sent, \(figures.chunksHeard) heard, \(figures.chunksLost) lost, \
            \(figures.chunksLate) later than \(lateAfter) ms\(stale)
            """
    }

    private static func cost(_ phase: LoadPhase, _ cost: LoadPhase.Cost?) -> String {
        guard let cost, let cpu = phase.cpuMsPerUserSecond(cost), let bytes = phase.bytesPerUser(cost) else {
            return "not measured"
        }
        let cores = Figure.decimals(cost.cpuSeconds / phase.seconds, 2)
        return """
            \(Figure.decimals(cpu, 3)) ms of CPU for each user and second (\(cores) cores), \
            \(Figure.kibibytes(bytes)) KiB for each user
            """
    }
}

extension LoadResult: CustomStringConvertible {
    /// A table for a person.
    public var description: String {
        guard let measured = self.measured else { return "stopped before anything was measured" }
        var lines = ["\(self.plan.mix.description) against \(self.url), \(Figure.decimals(measured.seconds, 1)) s"]
        lines += LoadTable.facts(measured).map { Self.padded($0.name, 16) + $0.cells.joined() }
        lines.append("")
        lines.append(Self.line("", LoadTable.latencyHeads))
        lines += LoadTable.latencies(measured).map { Self.line($0.name, $0.cells) }
        lines += self.steps
        lines += LoadTable.remarks(measured).map { "note: \($0)" }
        if self.isCutShort { lines.append("note: ended early") }
        lines += self.verdicts.map(\.description)
        return lines.joined(separator: "\n")
    }

    private var steps: [String] {
        guard self.findsKnee else { return [] }
        let heads = ["p50 ms", "p99 ms", "CPU ms/s", "errors", "kept"]
        let rows = self.phases.map { phase in
            let added = phase.figures.added.summary
            let cpu = phase.cpuMsPerUserSecond(phase.gateway).map { Figure.decimals($0, 3) } ?? "-"
            let isKept = self.objectives.allSatisfy { $0.judge(phase).isKept }
            return Self.line(
                "\(phase.users) users",
                [
                    added.map { Figure.milliseconds($0.p50) } ?? "-", added.map { Figure.milliseconds($0.p99) } ?? "-",
                    cpu,
                    "\(phase.figures.errorCount)", isKept ? "yes" : "no",
                ])
        }
        let knee =
            self.knee.map { "knee: \($0) users kept every objective" } ?? "knee: none of the steps kept every objective"
        return ["", Self.line("", heads)] + rows + [knee]
    }

    private static func line(_ name: String, _ cells: [String]) -> String {
        self.padded(name, 26) + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

extension Objective.Verdict: CustomStringConvertible {
    public var description: String {
        let found = self.value.map { "\(Figure.decimals($0, 2))\(self.objective.unit)" } ?? "not measured"
        return "\(self.isKept ? "kept  " : "missed") \(self.objective.text): \(found)"
    }
}
