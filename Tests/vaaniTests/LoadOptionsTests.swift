import LoadTest
import Testing

@testable import vaani

@Suite struct LoadOptionsTests {
    private func options(_ words: String...) throws -> LoadOptions {
        try LoadOptions(Arguments(parsing: words, flags: LoadCommand.flags))
    }

    private func fault(_ words: String...) -> String {
        do throws(CommandError) {
            _ = try LoadOptions(Arguments(parsing: words, flags: LoadCommand.flags))
            return "no fault"
        } catch {
            return error.exit == .usage ? error.description : "not a usage error"
        }
    }

    @Test func `flags become a plan`() throws {
        let options = try self.options(
            "--url", "ws://host:1/", "--users", "20", "--ramp", "5", "--duration", "3s", "--dialect", "json=1,legacy=1",
            "--talk-share", "0.5", "--barge-ins", "2", "--switches", "1.5", "--drops", "1", "--personas", "tina, mohit",
            "--seed", "9", "--chunk", "20ms", "--json", "a.json", "--html", "b.html", "--slo", "errors=0",
            "--find-knee",
            "--deadline", "2m", "--allow-remote")
        var plan = LoadPlan(
            users: 20, rampPerSecond: 5, duration: .seconds(3), mix: try DialectMix(parsing: "json=1,legacy=1"),
            behaviour: Behaviour(talkShare: 0.5, bargeInsPerMinute: 2, switchesPerMinute: 1.5, dropsPerMinute: 1),
            personas: ["tina", "mohit"], seed: 9)
        plan.chunkMilliseconds = 20
        #expect(options.plan == plan)
        #expect(options.deadline == .seconds(120))
        #expect(options.url == "ws://host:1")
        #expect(options.reports == .init(json: "a.json", html: "b.html"))
        #expect(options.objectives == [try Objective(parsing: "errors=0")])
        #expect(options.findsKnee && options.gatewayProcessID == nil && options.loops == 1)
    }

    @Test(arguments: [("500ms", Duration.milliseconds(500)), ("90s", .seconds(90)), ("1.5m", .seconds(90))])
    func `a time has a unit`(text: String, time: Duration) throws {
        #expect(try LoadOptions.duration(text, of: "duration") == time)
    }

    @Test func `what makes no sense is named`() {
        #expect(self.fault("--url", "http://x").hasPrefix("--url: \"http://x\" is no URL"))
        #expect(self.fault("--url", "ws://example.com:1").hasPrefix("--url: example.com is another machine"))
        #expect(self.fault("--chunk", "30ms") == "--chunk: \"30ms\" is neither 20ms nor 40ms")
        #expect(self.fault("--deadline", "0s").hasPrefix("--deadline"))
        #expect(self.fault("--users", "0") == "--users: \"0\" is not 1 to 50000")
        #expect(self.fault("--talk-share", "0").hasPrefix("--talk-share"))
        #expect(self.fault("--talk-share", "nan").hasPrefix("--talk-share"))
        #expect(self.fault("--duration", "20").hasPrefix("--duration"))
        #expect(self.fault("--duration", "1ms").hasPrefix("--duration"))
        #expect(self.fault("--switches", "1") == "--switches needs --personas with two of them or more")
        #expect(self.fault("--find-knee").hasPrefix("--find-knee needs an objective"))
        #expect(self.fault("--slo", "p99=1").contains("nothing is measured under the name"))
        #expect(self.fault("--dialect", "morse").hasPrefix("\"morse\" is no dialect"))
        #expect(self.fault("--personas", ",") == "--personas names nobody")
    }

    @Test func `a run ends by a deadline, whatever it meets`() throws {
        // 100 users at 50 a second, 2 s to settle, 20 s of measuring, 2 s to end: twice that and 30 s.
        #expect(try self.options().deadline == .seconds(82))
        #expect(try self.options("--find-knee", "--slo", "errors=0").deadline == .seconds(11 * 52 + 30))
    }

    @Test func `too few descriptors are refused before anybody connects`() {
        #expect(ProcessLimits.refusal(users: 1_000, limit: 1_064) == nil)
        #expect(ProcessLimits.refusal(users: 1_000, limit: 1_063)?.hasPrefix("1000 users need 1064 open files") == true)
    }

    @Test func `bench takes the dialects of the gateway`() throws {
        #expect(try BenchCommand.dialects("all") == [.legacy, .json, .binary, .opus])
        #expect(try BenchCommand.dialects("opus,json") == [.opus, .json])
        for text in ["", "realtime", "json,", "morse"] {
            #expect(throws: CommandError.self) { try BenchCommand.dialects(text) }
        }
    }
}
