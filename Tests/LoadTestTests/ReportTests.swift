import Foundation
import JSON
import Testing

@testable import LoadTest

@Suite struct ReportTests {
    private func result() throws -> LoadResult {
        var figures = LoadFigures()
        figures.added.record(microseconds: 1_234)
        figures.up.record(microseconds: 1_000)
        figures.down.record(microseconds: 234)
        figures.firstAudio.record(microseconds: 2_000)
        (figures.chunksSent, figures.chunksHeard, figures.connects) = (25, 24, 2)
        figures.chunksLost = 1
        figures.errors = ["no_speech": 1]
        let phase = LoadPhase(
            users: 2, connected: 2, seconds: 1, figures: figures, dialects: [.json: figures],
            gateway: .init(cpuSeconds: 0.005, addedBytes: 4_096),
            generator: .init(cpuSeconds: 0.001, addedBytes: 2_048))
        let sample = LoadSample(
            second: 1.0004, connected: 2, added: figures.added.summary, errors: 1, chunksSent: 25, gatewayCores: 0.005)
        var later = sample
        later.second = 2
        return LoadResult(
            plan: LoadPlan(users: 2, duration: .seconds(1)), url: "ws://127.0.0.1:1", phases: [phase],
            timeline: [sample, later], whole: figures, objectives: [try Objective(parsing: "p99_added=1ms")])
    }

    @Test func `the report holds every figure by name`() throws {
        let latency: JSONValue = ["count": 1, "p50": 1.234, "p95": 1.234, "p99": 1.234, "max": 1.234]
        let report = try self.result().json(startedAt: "2026-01-02T03:04:05Z", version: "1.2.3")
        #expect(report["report"] == "vaani-load/1")
        #expect(report["kept"] == false)
        #expect(report["knee"] == .null)
        #expect(report["cut_short"] == false)
        #expect(
            report["objectives"] == [
                ["objective": "p99_added=1ms", "limit": 1.0, "value": 1.234, "unit": "ms", "kept": false]
            ])
        let measured = try #require(report["measured"])
        #expect(measured["added_ms"] == latency)
        #expect(measured["chunks"] == ["sent": 25, "heard": 24, "lost": 1, "late": 0, "stale": 0])
        #expect(measured["errors"] == ["no_speech": 1])
        #expect(measured["barge_in_ms"] == .null)
        #expect(
            measured["gateway"] == [
                "cpu_s": 0.005, "added_bytes": 4_096, "cpu_ms_per_user_s": 2.5, "bytes_per_user": 2_048,
            ])
        #expect(measured["dialects"]?["json"]?["added_ms"] == latency)
        #expect(report["steps"]?.array?.count == 1)
        #expect(report["timeline"]?.array?.first?["t_s"] == 1.0)
        #expect(report["plan"]?["dialect"] == "json")
    }

    @Test func `a text for people names what was missed`() throws {
        let text = try self.result().description
        #expect(text.contains("2 of 2"))
        #expect(text.contains("missed p99_added=1ms: 1.23ms"))
        #expect(!text.contains("cannot be measured"))
    }

    @Test func `without an echo the report says what it cannot know`() throws {
        var result = try self.result()
        result.phases[0].figures.added = LatencyHistogram()
        #expect(result.description.contains("added latency cannot be measured"))
        #expect(result.json(startedAt: "", version: "")["measured"]?["chunks"]?["lost"] == .null)
    }

    @Test func `late microphones put the figures in doubt`() throws {
        var phase = try self.result().phases[0]
        #expect(phase.doubt == nil)
        phase.figures.lag.record(microseconds: 25_000)
        #expect(phase.doubt?.contains("25.0") == true)
    }

    @Test func `the page draws its plots itself and fetches nothing`() throws {
        var result = try self.result()
        result.url = "ws://<host>&\""
        let page = result.html(startedAt: "now", version: "1")
        #expect(page.contains("<svg") && page.contains("class=\"line a\""))
        #expect(page.contains("ws://&lt;host&gt;&amp;&quot;") && !page.contains("<host>"))
        for outside in ["http://", "https://", "src=", "<script", "@import", "url("] {
            #expect(!page.contains(outside))
        }
    }

    @Test func `an axis ends at a round number above the peak`() {
        #expect([0, 0.7, 1, 1.2, 2.1, 3, 7, 42, 99, 230].map(Plot.ceiling) == [1, 1, 1, 2, 2.5, 5, 10, 50, 100, 250])
    }

    @Test func `a gap in the data is a gap in the line`() {
        let series = Plot.Series(name: "n", style: "a", values: [0, nil, 1, 1])
        let svg = Plot(title: "t", unit: "u", x: [0, 1, 2, 3], xUnit: "s", series: [series]).svg
        #expect(svg.contains(#"d="M56.0 192.0M490.7 12.0L708.0 12.0""#))
        #expect(Plot(title: "t", unit: "u", x: [0], xUnit: "s", series: [series]).svg.isEmpty)
    }
}

@Suite struct GreetingTests {
    private let pcm: JSONValue = ["in": ["codec": "pcm16"], "out": ["codec": "pcm16"]]

    @Test func `binary is used where it was granted`() {
        #expect(Greeting.refusal(.binary, features: ["binary"], self.pcm) == nil)
        let opus: JSONValue = ["in": ["codec": "opus"], "out": [["codec": "opus"]]]
        #expect(Greeting.refusal(.opus, features: ["metrics", "binary"], opus) == nil)
    }

    @Test func `what was not granted is named`() {
        #expect(Greeting.refusal(.binary, features: [], self.pcm)?.contains("the feature binary") == true)
        #expect(Greeting.refusal(.binary, features: nil, nil)?.contains("the feature binary") == true)
        #expect(Greeting.refusal(.opus, features: ["binary"], self.pcm)?.contains("the codec opus") == true)
    }
}
