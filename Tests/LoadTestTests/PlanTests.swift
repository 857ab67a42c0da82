import Testing

@testable import LoadTest

@Suite struct DialectMixTests {
    @Test func `a mix is a dialect or shares`() throws {
        #expect(try DialectMix(parsing: "legacy") == DialectMix([.init(.legacy, weight: 1)]))
        let mix = try DialectMix(parsing: "json=70,legacy=30")
        #expect(mix == DialectMix([.init(.json, weight: 70), .init(.legacy, weight: 30)]))
        #expect(mix.description == "json=70,legacy=30")
    }

    @Test(arguments: [
        "", "jason", "json=", "json=0", "json=-1", "json=x", "json,json", "json=1,,legacy=1", "json=99999999",
    ])
    func `what is no mix is refused`(text: String) {
        #expect(throws: LoadError.self) { try DialectMix(parsing: text) }
    }

    @Test func `few users have the shares as well as many`() throws {
        let mix = try DialectMix(parsing: "json=70,legacy=20,binary=10")
        for count in [10, 50, 1_000] {
            let dialects = (0..<count).map(mix.dialect)
            #expect(dialects.filter { $0 == .json }.count == count * 7 / 10)
            #expect(dialects.filter { $0 == .legacy }.count == count / 5)
        }
    }
}

@Suite struct UserScriptTests {
    private static let minute: UInt64 = 60_000_000_000

    private func events(_ behaviour: Behaviour, seed: UInt64, minutes: UInt64 = 60) -> [UserScript.Event] {
        var script = UserScript(behaviour, seed: seed)
        return script.advance(to: minutes * Self.minute)
    }

    @Test func `who always talks does nothing else`() {
        #expect(self.events(Behaviour(), seed: 1).isEmpty)
        #expect(UserScript(Behaviour(), seed: 1).isTalking)
    }

    @Test func `the same seed gives the same user, another one another`() {
        let behaviour = Behaviour(talkShare: 0.4, bargeInsPerMinute: 2, switchesPerMinute: 1, dropsPerMinute: 0.5)
        #expect(self.events(behaviour, seed: 7) == self.events(behaviour, seed: 7))
        #expect(self.events(behaviour, seed: 7) != self.events(behaviour, seed: 8))
    }

    @Test func `it does not matter how time passes`() {
        let behaviour = Behaviour(talkShare: 0.4, bargeInsPerMinute: 2, switchesPerMinute: 1, dropsPerMinute: 0.5)
        var script = UserScript(behaviour, seed: 3)
        var events: [UserScript.Event] = []
        for time in stride(from: 0, through: 60 * Self.minute, by: 40_000_000) { events += script.advance(to: time) }
        #expect(events == self.events(behaviour, seed: 3))
    }

    @Test func `rates hold on the whole`() {
        let behaviour = Behaviour(bargeInsPerMinute: 4, switchesPerMinute: 2, dropsPerMinute: 1)
        let events = self.events(behaviour, seed: 11, minutes: 1_000)
        #expect(abs(events.filter { $0 == .bargeIn }.count - 4_000) < 300)
        #expect(abs(events.filter { $0 == .switchPersona }.count - 2_000) < 200)
        #expect(abs(events.filter { $0 == .drop }.count - 1_000) < 150)
    }

    @Test(arguments: [0.1, 0.5, 0.9]) func `users talk for their share of the time`(share: Double) {
        var script = UserScript(Behaviour(talkShare: share), seed: 5)
        var talking = 0
        let step: UInt64 = 40_000_000
        let steps = 200_000
        for index in 0..<steps {
            _ = script.advance(to: UInt64(index) * step)
            if script.isTalking { talking += 1 }
        }
        #expect(abs(Double(talking) / Double(steps) - share) < 0.03)
    }
}

@Suite struct ObjectiveTests {
    private var phase: LoadPhase {
        var figures = LoadFigures()
        for value in 1...100 { figures.added.record(microseconds: value * 10) }
        figures.firstAudio.record(microseconds: 1_500)
        figures.chunksSent = 1_000
        figures.chunksHeard = 990
        figures.chunksLost = 10
        figures.errors = ["no_speech": 2]
        return LoadPhase(
            users: 10, connected: 8, seconds: 10, figures: figures,
            gateway: .init(cpuSeconds: 0.12, addedBytes: 8 * 65_536))
    }

    private func value(_ text: String) throws -> Double? {
        try Objective(parsing: text).judge(self.phase).value
    }

    @Test func `values are in the unit of their kind`() throws {
        #expect(try self.value("p99_added=20ms") == 0.99)
        #expect(try self.value("max_first_audio=1s") == 1.5)
        #expect(try self.value("errors=0") == 2)
        #expect(try self.value("errors=1%") == 20)
        #expect(try self.value("lost=0.5%") == 1)
        #expect(try self.value("connected=100%") == 80)
        #expect(try self.value("cpu=2ms") == 1.5)
        #expect(try self.value("memory=96KiB") == 64)
    }

    @Test(arguments: [
        ("p99_added=990us", true), ("p99_added=0.98ms", false), ("p50_added=1s", true), ("errors=2", true),
        ("errors=1", false), ("lost=1%", true), ("lost=0", false), ("connected=80%", true), ("connected=81%", false),
        ("memory=0.0625MiB", true), ("cpu=1.4ms", false),
        // Never measured, so not kept.
        ("p99_up=1s", false), ("p95_barge_in=1s", false),
    ])
    func `a limit is kept or missed`(text: String, isKept: Bool) throws {
        #expect(try Objective(parsing: text).judge(self.phase).isKept == isKept)
    }

    @Test func `an objective may be about one dialect`() throws {
        var phase = self.phase
        phase.dialects = [.opus: phase.figures, .json: LoadFigures()]
        phase.dialects[.opus]?.errors = [:]
        #expect(try Objective(parsing: "opus.errors=0").judge(phase).value == 0)
        #expect(try Objective(parsing: "errors=0").judge(phase).value == 2)
        #expect(try Objective(parsing: "opus.p99_added=20ms").judge(phase).value == 0.99)
        #expect(try Objective(parsing: "json.p99_added=20ms").judge(phase).value == nil)
        #expect(try Objective(parsing: "legacy.errors=0").judge(phase).value == nil)
    }

    @Test func `nobody knows what a model that does not echo has lost`() throws {
        let silent = LoadPhase(users: 1, connected: 1, seconds: 1, figures: LoadFigures())
        #expect(try Objective(parsing: "lost=0").judge(silent).value == nil)
        #expect(try Objective(parsing: "errors=0").judge(silent).isKept)
    }

    @Test(arguments: [
        "", "p99_added", "p99_added=", "p99_added=20", "p99_added=ms", "p98_added=20ms", "p99_total=1ms", "errors=-1",
        "errors=1ms", "morse.errors=1", "json.cpu=1ms", ".errors=1", "json.=1", "connected=99", "cpu=1", "memory=96",
        "p99_added=1e3ms", "lost=1.2.3%",
    ])
    func `what is no objective is refused`(text: String) {
        #expect(throws: LoadError.self) { try Objective(parsing: text) }
    }
}
