/// What a benchmark found.
public struct BenchmarkReport: Sendable {
    /// Through a thread that copies bytes.
    public var floor: LoadPhase
    /// Through the gateway.
    public var gateways: [(dialect: LoadDialect, phase: LoadPhase)] = []
    /// Milliseconds of CPU for one second of one user that Opus alone takes; nil where nobody spoke it.
    public var codecFloor: Double?

    public init(floor: LoadPhase) {
        self.floor = floor
    }

    /// How many times the floor's CPU the gateway takes for one user.
    public func cpuRatio(_ phase: LoadPhase) -> Double {
        let floor = self.cpu(self.floor)
        return floor > 0 ? self.cpu(phase) / floor : 0
    }

    /// What the gateway adds to the floor's 99th percentile.
    public func addedP99(_ phase: LoadPhase) -> Duration {
        phase.figures.added.quantile(0.99) - self.floor.figures.added.quantile(0.99)
    }

    /// Users that one core could carry at this cost.
    public func usersPerCore(_ phase: LoadPhase) -> Int {
        let cpu = self.cpu(phase)
        return cpu > 0 ? Int(1_000 / cpu) : 0
    }

    private func cpu(_ phase: LoadPhase) -> Double { phase.cpuMsPerUserSecond(phase.gateway) ?? 0 }
}

extension BenchmarkReport: CustomStringConvertible {
    /// A table for a person.
    public var description: String {
        let heads = [
            "users", "CPU ms/s", "x floor", "per core", "KiB", "p50 ms", "p95 ms", "p99 ms", "errors", "lost",
            "own ms/s",
        ]
        var lines = [Self.line("", heads), self.row("floor", self.floor)]
        lines += self.gateways.map { self.row($0.dialect.rawValue, $0.phase) }
        lines += self.gateways.map { dialect, phase in
            "\(dialect.rawValue): \(Figure.milliseconds(self.addedP99(phase))) ms added to the floor's 99th percentile"
        }
        if let floor = self.codecFloor, let opus = self.gateways.first(where: { $0.dialect == .opus })?.phase {
            lines.append(
                """
                codecs: Opus alone takes \(Figure.decimals(floor, 3)) ms/s; the gateway takes \
                \(Figure.decimals(self.cpu(opus) / floor, 2)) times that
                """)
        }
        lines += self.gateways.compactMap { dialect, phase in phase.doubt.map { "note: \(dialect.rawValue): \($0)" } }
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ phase: LoadPhase) -> String {
        let added = phase.figures.added
        return Self.line(
            name,
            [
                "\(phase.connected)", Figure.decimals(self.cpu(phase), 3), Figure.decimals(self.cpuRatio(phase), 2),
                "\(self.usersPerCore(phase))", Figure.kibibytes(phase.bytesPerUser(phase.gateway) ?? 0),
                Figure.milliseconds(added.quantile(0.50)), Figure.milliseconds(added.quantile(0.95)),
                Figure.milliseconds(added.quantile(0.99)), "\(phase.figures.errorCount)",
                "\(phase.figures.chunksLost)", Figure.decimals(phase.cpuMsPerUserSecond(phase.generator) ?? 0, 3),
            ])
    }

    private static func line(_ name: String, _ cells: [String]) -> String {
        ([name + String(repeating: " ", count: max(1, 8 - name.count))]
            + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }).joined()
    }
}
