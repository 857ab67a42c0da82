import Foundation

/// What a process has used so far, read from `/proc`.
public struct ProcessUsage: Sendable, Equatable {
    /// User and system time.
    public var cpuSeconds: Double
    /// Memory that is its own: resident pages, shared ones counted by their share.
    public var proportionalBytes: Int
    public var descriptors: Int

    /// - Returns: nil if there is no such process, or it belongs to someone else.
    public init?(processID: Int32) {
        guard let stat = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            let memory = try? String(contentsOfFile: "/proc/\(processID)/smaps_rollup", encoding: .utf8),
            let cpuSeconds = Self.cpuSeconds(stat: stat), let bytes = Self.proportionalBytes(smaps: memory)
        else { return nil }
        self.cpuSeconds = cpuSeconds
        self.proportionalBytes = bytes
        self.descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/fd").count) ?? 0
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
}
