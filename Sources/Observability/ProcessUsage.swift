import Foundation

/// What a process has used so far.
public struct ProcessUsage: Sendable, Equatable {
    /// User and system time.
    public var cpuSeconds: Double
    /// Memory that is in use.
    public var residentBytes: Int

    /// Reads all of it from `/proc`; memory that is shared counts by its share.
    ///
    /// - Returns: nil if there is no such process, or it belongs to someone else.
    public init?(processID: Int32) {
        guard let glance = Self(glancingAt: processID), let memory = Self.text("\(processID)/smaps_rollup"),
            let bytes = Self.proportionalBytes(smaps: memory)
        else { return nil }
        self = glance
        self.residentBytes = bytes
    }

    /// Reads what costs the process nothing to be asked; memory that is shared counts in full.
    public init?(glancingAt processID: Int32) {
        guard let cpuSeconds = Self.text("\(processID)/stat").flatMap({ Self.cpuSeconds(stat: $0) }),
            let bytes = Self.text("\(processID)/statm").flatMap({ Self.residentBytes(statm: $0) })
        else { return nil }
        self.cpuSeconds = cpuSeconds
        self.residentBytes = bytes
    }

    /// Reads what a process says of itself in Prometheus' usual names.
    public init?(prometheus text: String) {
        func value(_ name: String) -> Double? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            return line?.split(separator: " ").last.flatMap { Double($0) }
        }
        guard let cpuSeconds = value("process_cpu_seconds_total"), let bytes = value("process_resident_memory_bytes"),
            0..<0x1p62 ~= bytes
        else { return nil }
        self.cpuSeconds = cpuSeconds
        self.residentBytes = Int(bytes)
    }

    /// This process.
    public static var own: ProcessUsage? { ProcessUsage(glancingAt: getpid()) }

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: "/proc/\(path)", encoding: .utf8)
    }

    /// Fields 14 and 15 of proc(5) `stat`, counted behind the closing parenthesis: the name may hold spaces.
    static func cpuSeconds(stat: String) -> Double? {
        guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[nameEnd...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func proportionalBytes(smaps: String) -> Int? {
        let line = smaps.split(separator: "\n").first { $0.hasPrefix("Pss:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
    }

    static func residentBytes(statm: String) -> Int? {
        let fields = statm.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(getpagesize()) } : nil
    }
}
