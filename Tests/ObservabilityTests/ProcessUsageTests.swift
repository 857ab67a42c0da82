import Testing

@testable import Observability

@Suite struct ProcessUsageTests {
    @Test func `times are read behind a name with spaces and parentheses`() {
        let stat = "7 (a b) c) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0 20 0 1 0"
        #expect(ProcessUsage.cpuSeconds(stat: stat) == 3)
        #expect(ProcessUsage.proportionalBytes(smaps: "Rss:  12 kB\nPss:    10 kB\n") == 10_240)
        #expect(ProcessUsage.cpuSeconds(stat: "nonsense") == nil)
        #expect(ProcessUsage.residentBytes(statm: "100 3 2 1 0 5 0").map { $0 % 3 } == 0)
        #expect(ProcessUsage.residentBytes(statm: "100") == nil)
    }

    @Test func `what a process says of itself is what the kernel says`() throws {
        let metrics = MetricsRegistry()
        metrics.addProcessFigures()
        let text = metrics.prometheusText()
        #expect(text.contains("# TYPE process_cpu_seconds_total counter"))
        let told = try #require(ProcessUsage(prometheus: text))
        let read = try #require(ProcessUsage.own)
        #expect(told.cpuSeconds > 0 && told.cpuSeconds <= read.cpuSeconds)
        #expect(told.residentBytes > 1 << 20)
    }

    @Test(arguments: [
        "", "process_cpu_seconds_total 1", "process_cpu_seconds_total x\nprocess_resident_memory_bytes 5",
    ])
    func `figures that are not there are none`(text: String) {
        #expect(ProcessUsage(prometheus: text) == nil)
        #expect(ProcessUsage(prometheus: "process_cpu_seconds_total 1\nprocess_resident_memory_bytes -1") == nil)
    }
}
