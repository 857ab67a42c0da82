import Foundation

/// A limit that a test must keep, such as `p99_added=20ms`.
public struct Objective: Sendable, Equatable {
    enum Quantity: Sendable, Equatable {
        case latency(Timing, Quantile)
        case count(Count)
        /// Of the users that there should be.
        case connected
        case cpu
        case memory

        /// Whether it cannot be told for the users of one dialect.
        var isOfAll: Bool { self == .connected || self == .cpu || self == .memory }
    }

    enum Timing: String, Sendable, CaseIterable {
        case added, up, down
        case firstAudio = "first_audio"
        case bargeIn = "barge_in"
        case switching = "switch"
    }

    enum Quantile: String, Sendable, CaseIterable {
        case p50, p95, p99, max
    }

    enum Count: String, Sendable, CaseIterable {
        case errors, lost, late, stale
    }

    /// What was found for an objective.
    public struct Verdict: Sendable, Equatable {
        public var objective: Objective
        /// In the objective's unit; nil where it could not be measured, which counts as not kept.
        public var value: Double?

        public var isKept: Bool {
            guard let value = self.value else { return false }
            return self.objective.quantity == .connected
                ? value >= self.objective.limit : value <= self.objective.limit
        }
    }

    /// As it was written.
    public let text: String
    /// Whose figures it is about; nil for those of all users.
    let dialect: LoadDialect?
    let quantity: Quantity
    /// Milliseconds, a count, percent, or KiB.
    let limit: Double
    let unit: String

    /// Takes `p99_added=20ms`, `errors=0`, `lost=0.1%`, `connected=99%`, `cpu=1.5ms`, `memory=96KiB`; what users
    /// themselves see may be asked of one dialect, as in `opus.p99_added=20ms`.
    public init(parsing text: String) throws(LoadError) {
        let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard sides.count == 2 else { throw LoadError("\"\(text)\" is no objective such as p99_added=20ms") }
        self.text = text
        let name: String
        (self.dialect, name) = try Self.dialect(of: sides[0])
        self.quantity = try Self.quantity(name)
        guard self.dialect == nil || !self.quantity.isOfAll else {
            throw LoadError("\(text): \(name) is measured for all dialects together")
        }
        (self.limit, self.unit) = try Self.limit(sides[1], of: self.quantity, text)
    }

    private static func dialect(of text: String) throws(LoadError) -> (LoadDialect?, String) {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return (nil, text) }
        guard let dialect = LoadDialect(rawValue: parts[0]) else { throw LoadError("\"\(parts[0])\" is no dialect") }
        return (dialect, parts[1])
    }

    private static func quantity(_ name: String) throws(LoadError) -> Quantity {
        if let count = Count(rawValue: name) { return .count(count) }
        switch name {
        case "connected": return .connected
        case "cpu": return .cpu
        case "memory": return .memory
        default: break
        }
        let parts = name.split(separator: "_", maxSplits: 1).map(String.init)
        guard parts.count == 2, let quantile = Quantile(rawValue: parts[0]), let timing = Timing(rawValue: parts[1])
        else {
            throw LoadError("nothing is measured under the name \"\(name)\"; \(self.names)")
        }
        return .latency(timing, quantile)
    }

    static var names: String {
        let timings = Timing.allCases.map(\.rawValue).joined(separator: ", ")
        let counts = Count.allCases.map(\.rawValue).joined(separator: ", ")
        return "there are p50_, p95_, p99_ and max_ with \(timings); \(counts); connected, cpu, memory"
    }

    private static func limit(
        _ text: String, of quantity: Quantity, _ whole: String
    ) throws(LoadError) -> (Double, String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = String(text[digits.endIndex...])
        guard let number = Double(digits), number.isFinite else { throw LoadError("\(whole): no number behind the =") }
        switch (quantity, unit) {
        case (.latency, "us"): return (number / 1_000, "ms")
        case (.latency, "ms"), (.cpu, "ms"): return (number, "ms")
        case (.latency, "s"): return (number * 1_000, "ms")
        case (.count, ""), (.count, "%"), (.connected, "%"): return (number, unit)
        case (.memory, "KiB"): return (number, "KiB")
        case (.memory, "MiB"): return (number * 1_024, "KiB")
        case (.latency, _): throw LoadError("\(whole): a time needs us, ms or s")
        case (.cpu, _): throw LoadError("\(whole): cpu is in ms for a user and second, such as cpu=1.5ms")
        case (.count, _): throw LoadError("\(whole): a count is a number or a share in %")
        case (.connected, _): throw LoadError("\(whole): connected is a share in %, such as connected=99%")
        case (.memory, _): throw LoadError("\(whole): memory is for each user in KiB or MiB")
        }
    }

    /// How a phase did.
    public func judge(_ phase: LoadPhase) -> Verdict {
        Verdict(objective: self, value: self.value(in: phase))
    }

    private func value(in phase: LoadPhase) -> Double? {
        guard let figures = self.dialect.map({ phase.dialects[$0] }) ?? phase.figures else { return nil }
        return switch self.quantity {
        case .latency(let timing, let quantile): self.latency(figures, timing, quantile)
        case .count(let count): self.count(count, figures, users: phase.users)
        case .connected: Double(phase.connected) * 100 / Double(phase.users)
        case .cpu: phase.cpuMsPerUserSecond(phase.gateway)
        case .memory: phase.bytesPerUser(phase.gateway).map { Double($0) / 1_024 }
        }
    }

    private func latency(_ figures: LoadFigures, _ timing: Timing, _ quantile: Quantile) -> Double? {
        let histogram =
            switch timing {
            case .added: figures.added
            case .up: figures.up
            case .down: figures.down
            case .firstAudio: figures.firstAudio
            case .bargeIn: figures.bargeIn
            case .switching: figures.switching
            }
        guard let summary = histogram.summary else { return nil }
        let found =
            switch quantile {
            case .p50: summary.p50
            case .p95: summary.p95
            case .p99: summary.p99
            case .max: summary.max
            }
        return found / .milliseconds(1)
    }

    private func count(_ count: Count, _ figures: LoadFigures, users: Int) -> Double? {
        guard count != .errors else {
            return self.unit == "%"
                ? Double(figures.errorCount) * 100 / Double(users) : Double(figures.errorCount)
        }
        // Without an echo nobody knows what was lost.
        guard figures.hasEcho else { return nil }
        let found =
            switch count {
            case .lost: figures.chunksLost
            case .late: figures.chunksLate
            case .stale, .errors: figures.chunksStale
            }
        return self.unit == "%" ? Double(found) * 100 / Double(max(1, figures.chunksSent)) : Double(found)
    }
}
