import Foundation
import Testing

@testable import Engine

/// What holds for every detector, and what the usual one adds.
@Suite struct SpeechDetectorTests {
    private static let kinds = SpeechDetectorKind.allCases

    @Test(arguments: Self.kinds) func `a quiet room is no speech, however sensitive one listens`(
        kind: SpeechDetectorKind
    ) {
        var ear = Ear(kind: kind)
        for threshold in [0.0, 0.5, 1] {
            ear.sensitivity.threshold = threshold
            #expect(ear.hear(Sound.silence(4_000)).isEmpty)
        }
    }

    @Test(arguments: Self.kinds) func `a steady voltage is no speech`(kind: SpeechDetectorKind) {
        let offset = [Int16](repeating: 8_000, count: 24 * 8_000)
        let events = Ear(kind: kind).hear(Sound.silence(2_000) + offset)
        // The step itself is a knock.
        #expect(events.count <= 2)
        if case .started? = events.last { Issue.record("\(kind) hears the offset for ever: \(events)") }
    }

    /// Samples as no microphone makes them.
    private static let hostile: [(name: String, samples: [Int16])] = [
        ("nothing", []), ("one sample", [5]), ("least", [Int16](repeating: .min, count: 48_000)),
        ("greatest", [Int16](repeating: .max, count: 48_000)),
        ("alternating", (0..<48_000).map { $0 % 2 == 0 ? .max : .min }),
        ("clipped", (0..<48_000).map { $0 / 60 % 2 == 0 ? .max : .min }),
        ("full noise", Sound.noise(3_000, level: -5)), ("part of a frame", Sound.tone(30)),
        ("clicks", (0..<48_000).map { $0 % 480 == 0 ? .max : 0 }),
    ]

    @Test(arguments: Self.kinds) func `what is no sound brings nothing down, and speech behind it is heard`(
        kind: SpeechDetectorKind
    ) async throws {
        let question = try await SpokenFixture.question("question-en.wav")
        for (name, samples) in Self.hostile {
            let whole = samples.count / SpeechFrame.samples * SpeechFrame.samples
            let before = Array(samples[..<whole]) + Sound.silence(6_000)
            let beginsAt = before.count / 24
            let events = Ear(kind: kind).hear(before + question + Sound.silence(1_500))
            let isHeard = events.contains {
                if case .started(let ms) = $0 { abs(ms + 300 - beginsAt) < 400 } else { false }
            }
            #expect(isHeard, "\(kind) hears nothing behind \(name): \(events)")
        }
    }

    @Test(arguments: Self.kinds) func `two detectors know nothing of each other`(kind: SpeechDetectorKind) {
        let (left, right) = (kind.makeDetector(), kind.makeDetector())
        let sound = Sound.silence(600) + Sound.noise(2_000, level: -20) + Sound.tone(700)
        let alone = kind.makeDetector().judge(sound, threshold: 0.5)
        var verdicts: [SpeechVerdict] = []
        for start in stride(from: 0, to: sound.count, by: 480) {
            verdicts += left.judge(Array(sound[start..<start + 480]), threshold: 0.5)
            _ = right.judge(Sound.noise(20, level: -6, seed: UInt64(start)), threshold: 0.5)
        }
        #expect(verdicts == alone)
    }

    @Test func `noise that was there from the first sample begins no turn`() {
        for level in [-40.0, -30, -20] {
            #expect(Ear().hear(Sound.noise(12_000, level: level)).isEmpty, "at \(level) dB")
        }
        #expect(!Ear(kind: .level).hear(Sound.noise(12_000, level: -30)).isEmpty)
    }

    @Test func `noise that begins is heard as noise within seconds`() {
        let events = Ear().hear(Sound.silence(3_000) + Sound.noise(12_000, level: -30))
        #expect(events.count <= 2)
        if case .started? = events.last { Issue.record("it goes on: \(events)") }
    }

    @Test func `whoever speaks from the first sample is heard from there`() async throws {
        for name in ["question-en.wav", "question-hi.wav"] {
            let question = try await SpokenFixture.question(name)
            let events = Ear().hear(question + Sound.silence(1_500))
            #expect(events.first == .started(atMs: 0))
            #expect(events.count == 2)
        }
    }

    @Test func `a telephone's sound is judged like any other`() async throws {
        let question = try await SpokenFixture.question("question-hi.wav")
        var phone: [Int16] = []
        for start in stride(from: 0, to: question.count - 2, by: 3) {
            phone += [question[start], question[start], question[start]]
        }
        let pause = Sound.silence(2_000)
        let (wide, narrow) = (Ear().hear(pause + question + pause), Ear().hear(pause + phone + pause))
        #expect(wide.count == 2 && narrow.count == 2)
        guard case .started(let one)? = wide.first, case .started(let other)? = narrow.first else { return }
        #expect(abs(one - other) <= 60)
    }

    /// Bytes of this process that are in memory.
    private var residentBytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
    }

    @Test(arguments: Self.kinds) func `sessions that came and went leave no detector behind`(kind: SpeechDetectorKind) {
        let noise = Sound.noise(40, level: -30)
        func listen(_ sessions: Int) {
            for _ in 0..<sessions { #expect(kind.makeDetector().judge(noise, threshold: 0.5).count == 2) }
        }
        listen(100)
        let before = self.residentBytes
        listen(4_000)
        // All of them together would take 100 MB.
        #expect(before > 0 && self.residentBytes - before < 40 << 20)
    }

    @Test func `less than a frame is not judged`() {
        #expect(Ear().kind.makeDetector().judge(Array(Sound.noise(20, level: -30).dropLast()), threshold: 0.5).isEmpty)
    }
}

@Suite struct SpeechSpellTests {
    private func changes(_ verdicts: String, patience: Int = 3) -> [SpeechSpell.Change?] {
        var spell = SpeechSpell()
        return ([SpeechVerdict](text: verdicts) ?? []).map { spell.hear($0, patience: patience) }
    }

    @Test func `three of five begin it, and the first of them is where it began`() {
        #expect(self.changes("222") == [nil, nil, .began(frames: 3)])
        #expect(self.changes("20202").last == .began(frames: 5))
        #expect(self.changes("220002").compactMap { $0 }.isEmpty)
        #expect(self.changes("11111").compactMap { $0 }.isEmpty)
    }

    @Test func `faint frames keep it alive, silent ones in a row end it`() {
        #expect(self.changes("2220010012000").compactMap { $0 } == [.began(frames: 3), .ended])
        #expect(self.changes("2221111").compactMap { $0 } == [.began(frames: 3)])
    }
}

@Suite struct FrameCutterTests {
    @Test(arguments: [1, 7, 479, 480, 481, 2_400, 100_000]) func `how the sound is cut makes no difference`(piece: Int)
    {
        let sound = Sound.noise(1_003, level: -20)
        var cutter = FrameCutter()
        var frames: [Int16] = []
        for start in stride(from: 0, to: sound.count, by: piece) {
            let cut = cutter.cut(Array(sound[start..<min(sound.count, start + piece)]))
            #expect(cut.count % 480 == 0)
            frames += cut
        }
        #expect(frames == Array(sound[..<(50 * 480)]))
    }
}

/// The machine is told what was heard.
@Suite struct JudgedSoundTests {
    private static let listening = #""audio":{"input":{"turn_detection":{"type":"server_vad"}}}"#

    @Test func `whole frames are to be judged, with the session's threshold`() {
        var machine = EngineMachine.fixture(
            #""audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.7}}}"#)
        let sound = Sound.noise(50, level: -20)
        let bytes = sound.withUnsafeBytes { Array($0) }
        #expect(machine.audioAppended(Array(bytes[..<959])).isEmpty)
        #expect(machine.audioAppended(Array(bytes[959...])) == [.judge(frames: Array(sound[..<960]), threshold: 0.7)])
    }

    @Test func `nobody judges where the client ends its turns`() {
        var machine = EngineMachine.fixture()
        #expect(machine.audioAppended([UInt8](repeating: 1, count: 96_000)).isEmpty)
        #expect(machine.judged([.speech, .speech, .speech]).isEmpty)
    }

    @Test func `more verdicts than frames are not believed`() {
        var machine = EngineMachine.fixture(Self.listening)
        _ = machine.audioAppended([UInt8](repeating: 0, count: 960 * 4))
        let actions = machine.judged([SpeechVerdict](repeating: .speech, count: 5_000))
        #expect(actions == [.send(.speechStarted("item_1", atMs: 0))])
        #expect(machine.judged([SpeechVerdict](repeating: .silence, count: 5_000)).isEmpty)
        #expect(machine.input.positionMs == 80)
    }

    @Test func `a verdict that comes when nobody listens any more means nothing`() {
        var machine = EngineMachine.fixture(Self.listening)
        _ = machine.audioAppended([UInt8](repeating: 0, count: 9_600))
        _ = machine.say(
            #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#)
        #expect(machine.judged([SpeechVerdict](repeating: .speech, count: 10)).isEmpty)
    }
}
