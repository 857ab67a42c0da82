import Foundation

extension MetricsRegistry {
    /// Adds what the process itself uses, under Prometheus' usual names, read when the figures are asked for.
    public func addProcessFigures() {
        self.computed(
            "process_cpu_seconds_total", "User and system time that the process has used.", type: "counter"
        ) { ProcessUsage.own?.cpuSeconds ?? 0 }
        self.computed("process_resident_memory_bytes", "Memory of the process that is in use.") {
            Double(ProcessUsage.own?.residentBytes ?? 0)
        }
        self.computed("process_open_fds", "Descriptors that the process has open.") {
            Double((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0)
        }
    }
}
