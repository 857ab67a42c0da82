import Testing

@testable import LoadTest

@Suite struct LatencyHistogramTests {
    @Test func `quantiles are those of the nearest rank`() {
        var histogram = LatencyHistogram()
        for value in (1...200).shuffled() { histogram.record(microseconds: value) }
        #expect(
            histogram.summary
                == LatencySummary(
                    count: 200, p50: .microseconds(100), p95: .microseconds(190), p99: .microseconds(198),
                    max: .microseconds(200)))
        #expect(LatencyHistogram().summary == nil)
    }

    @Test(arguments: [2_047, 2_048, 2_049, 65_535, 65_536, 190_000, 999_999, 60_000_000])
    func `a time is kept to a thousandth`(microseconds: Int) {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: microseconds)
        histogram.record(microseconds: 67_000_000)
        let found = histogram.quantile(0.5) / .microseconds(1)
        #expect(abs(found - Double(microseconds)) <= Double(microseconds) / 1_000)
    }

    @Test func `what is out of range counts as its end`() {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: -5)
        histogram.record(nanoseconds: .max)
        #expect(histogram.count == 2)
        #expect(histogram.quantile(0) == .zero)
        #expect(histogram.quantile(1) == .microseconds((1 << 26) - 1))
    }

    @Test func `two merged are as one`() {
        var one = LatencyHistogram(), left = LatencyHistogram(), right = LatencyHistogram()
        for value in stride(from: 1, to: 5_000_000, by: 997) {
            one.record(microseconds: value)
            if value.isMultiple(of: 2) { left.record(microseconds: value) } else { right.record(microseconds: value) }
        }
        left.merge(right)
        left.merge(LatencyHistogram())
        #expect(left == one)
    }
}

@Suite struct PacingWheelTests {
    @Test func `each millisecond is one tick`() {
        var wheel = PacingWheel(start: 5_000_000)
        #expect(wheel.take(at: 4_999_999) == 0..<0)
        #expect(wheel.take(at: 5_000_000) == 0..<1)
        #expect(wheel.take(at: 5_999_999) == 1..<1)
        #expect(wheel.take(at: 6_000_000) == 1..<2)
    }

    @Test func `a late timer is made up for`() {
        var wheel = PacingWheel(start: 0)
        #expect(wheel.take(at: 0) == 0..<1)
        // A tenth of a second with no turn of the loop: every tick of it still comes, once.
        #expect(wheel.take(at: 100_000_000) == 1..<101)
        #expect(wheel.take(at: 100_000_000) == 101..<101)
        #expect(wheel.due(101) == 101_000_000)
    }

    @Test func `empty slots are passed over`() {
        var wheel = PacingWheel(start: 0)
        #expect(wheel.next { $0 == 3 } == 3)
        _ = wheel.take(at: 3_000_000)
        #expect(wheel.next { $0 == 3 } == 43)
        #expect(wheel.next { _ in false } == nil)
    }
}

@Suite struct KneeSearchTests {
    private func levels(_ maxUsers: Int, bears: Int) -> (tried: [Int], knee: Int?) {
        var search = KneeSearch(maxUsers: maxUsers)
        var tried: [Int] = []
        while let level = search.level {
            tried.append(level)
            search.tried(passed: level <= bears)
        }
        return (tried, search.knee)
    }

    @Test func `it climbs until a step fails, and halves that step`() {
        #expect(self.levels(800, bears: 360) == ([100, 200, 300, 400, 350, 375, 362], 350))
        #expect(self.levels(800, bears: 10_000) == ([100, 200, 300, 400, 500, 600, 700, 800], 800))
        #expect(self.levels(800, bears: 99) == ([100, 50, 75, 87], 87))
        #expect(self.levels(800, bears: 0) == ([100, 50, 25, 12], nil))
        #expect(self.levels(1, bears: 0) == ([1], nil))
        #expect(self.levels(3, bears: 3) == ([1, 2, 3], 3))
    }
}

@Suite struct GatewayAddressTests {
    @Test func `a URL has a host, a port and a scheme`() {
        #expect(GatewayAddress("ws://127.0.0.1:8000").map { "\($0.host) \($0.port)" } == "127.0.0.1 8000")
        #expect(GatewayAddress("wss://voice.example/").map { "\($0.host) \($0.port)" } == "voice.example 443")
        #expect(GatewayAddress("ws://[::1]:81/x")?.host == "::1")
    }

    @Test(arguments: [
        "", "http://x", "ws://", "ws://:1", "ws://h:0", "ws://h:65536", "ws://h:99999999", "ws://h:x", "ws://a b:1:2",
    ])
    func `what is no such URL is none`(url: String) {
        #expect(GatewayAddress(url) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.1.2.3", true), ("localhost", true), ("10.0.0.1", false), ("example.com", false),
        ("127.0.0.1.example.com", false), ("localhost.example", false),
    ])
    func `only this machine is loopback`(host: String, isLoopback: Bool) {
        #expect(GatewayAddress("ws://\(host):1")?.isLoopback == isLoopback)
    }
}

@Suite struct UsageSourceTests {
    @Test func `the listener of a port is found in the kernel's table`() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0
               1: 0100007F:1F40 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4
               2: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0
            """
        #expect(Listener.inodes(port: 8_000, table: table) == ["4711"])
        #expect(Listener.inodes(port: 9_000, table: table) == [])
        #expect(Listener.inodes(port: 8_000, table: "nonsense\n1 2 3") == [])
    }

    @Test func `only the body of a success is taken`() {
        #expect(PlainHTTP.body(of: "HTTP/1.1 200 OK\r\nA: b\r\n\r\nfigures\n") == "figures\n")
        #expect(PlainHTTP.body(of: "HTTP/1.1 404 Not Found\r\n\r\nno") == nil)
        #expect(PlainHTTP.body(of: "HTTP/1.1 200 OK\r\n") == nil)
        #expect(PlainHTTP.body(of: "") == nil)
    }
}
