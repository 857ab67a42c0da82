import Audio
import Foundation
import Testing

@testable import Engine

/// The detectors on recordings of speech, alone and in a noisy room: the figures of docs/engine.md.
@Suite struct RecordedSpeechTests {
    @Test(
        arguments: ["question-en.wav", "question-hi.wav"], [nil, -50.0, -45.0, -35]
    ) func `a spoken question is one turn`(name: String, noise: Double?) async throws {
        let speech = try await SpokenFixture.question(name)
        let milliseconds = speech.count / 24
        var sound = Sound.silence(1_000) + speech + Sound.silence(1_500)
        if let noise { sound = Sound.mix(sound, Sound.noise(milliseconds + 2_500, level: noise)) }
        let ear = Ear(sensitivity: TurnDetection.server(.init()).sensitivity)
        let events = ear.hear(sound)
        guard case .started(let start)? = events.first, case .stopped(let end)? = events.last, events.count == 2 else {
            Issue.record("\(events) is not one turn of \(milliseconds) ms")
            return
        }
        #expect((600...1_100).contains(start))
        #expect((milliseconds + 900...milliseconds + 1_700).contains(end))
    }

    @Test(arguments: ["question-en.wav", "question-hi.wav"], [20.0, 15.0])
    func `in noise a question begins and ends where it does`(name: String, decibels: Double) async throws {
        let recorded = try await SpokenFixture.question(name)
        let loud = recorded.map { Double($0) }.filter { abs($0) > 200 }
        let power = loud.reduce(0) { $0 + $1 * $1 } / Double(loud.count) / 1_073_741_824
        let gain = pow(10, (-24 - 10 * log10(power)) / 20)
        let question = recorded.map { Int16(clamping: Int(Double($0) * gain)) }
        let clean = Sound.silence(3_000) + question + Sound.silence(2_000)
        let sound = Sound.mix(clean, Sound.noise(clean.count / 24, level: -24 - decibels))
        let speech = try #require(HearingScene.scenes(of: recorded).first?.speech)
        for kind in [SpeechDetectorKind.combined, .level] {
            let events = Ear(kind: kind).hear(sound)
            guard events.count == 2, case .started(let start) = events[0], case .stopped(let end) = events[1] else {
                Issue.record("\(kind): \(events) is not one turn")
                continue
            }
            #expect(abs(start + 300 - speech.lowerBound) <= 120)
            #expect(abs(end - 500 - speech.upperBound) <= 120)
        }
    }

    @Test func `the usual detector hears as well as the best of the others, wherever`() async throws {
        let scenes = try await ["question-en.wav", "question-hi.wav"].asyncMap { try await SpokenFixture.question($0) }
            .flatMap { HearingScene.scenes(of: $0) }
        let usual = HearingBenchmark.figures(of: .combined, scenes)
        let level = HearingBenchmark.figures(of: .level, scenes)
        let speex = HearingBenchmark.figures(of: .speex, scenes)
        // In quiet as exact as the level, and it begins nowhere else.
        #expect(usual.quiet.missed == 0 && usual.quiet.falseStarts <= level.quiet.falseStarts)
        #expect(usual.quiet.beginsOff <= level.quiet.beginsOff + 10)
        #expect(usual.quiet.endsOff <= level.quiet.endsOff + 10)
        // In loud noise it misses no more than the library, begins falsely less often, and ends sooner.
        #expect(usual.loud.utterances == 18 && usual.loud.missed <= speex.loud.missed)
        #expect(usual.loud.missed == 0 && level.loud.missed >= 10)
        #expect(usual.loud.falseStarts <= speex.loud.falseStarts / 3)
        #expect(usual.loud.endsOff < speex.loud.endsOff)
    }

    @Test func `sounds without speech begin no more turns than they would by their level`() {
        let scenes = HearingScene.speechless()
        let usual = HearingBenchmark.figures(of: .combined, scenes).falseStartsWithoutSpeech
        #expect(usual <= HearingBenchmark.figures(of: .level, scenes).falseStartsWithoutSpeech)
        #expect(usual < HearingBenchmark.figures(of: .speex, scenes).falseStartsWithoutSpeech / 2)
    }

    @Test func `scenes are what they say`() async throws {
        let question = try await SpokenFixture.question("question-en.wav")
        let scenes = HearingScene.scenes(of: question)
        #expect(scenes.count == 16)
        let speech = try #require(scenes.first?.speech)
        #expect((3_000...3_100).contains(speech.lowerBound))
        #expect(speech.count > 1_000 && speech.count <= question.count / 24)
        #expect(HearingScene.scenes(of: []).isEmpty)
        for colour in NoiseColour.allCases {
            var noise = NoiseSource(colour)
            let samples = noise.samples(48_000, decibels: -30)
            let power = samples.reduce(0) { $0 + $1 * $1 } / 48_000 / 1_073_741_824
            #expect(abs(10 * log10(power) + 30) < 0.1)
        }
    }
}

/// The questions among the fixtures, at 24 kHz.
enum SpokenFixture {
    static func question(_ name: String) async throws -> [Int16] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bytes = try Data(contentsOf: root.appending(path: "audio-fixtures/\(name)"))
        let decoder = UtteranceDecoder(containers: NoContainers(), limits: AudioLimits())
        return try await decoder.decode(Array(bytes), hint: AudioHint())
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ change: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await change(element)) }
        return results
    }
}

/// WAV needs no helper.
private struct NoContainers: ContainerDecoder {
    func decode(
        _ bytes: [UInt8], format: ContainerFormat, limits: AudioLimits
    ) async throws(AudioError) -> PCMBuffer {
        throw AudioError(.unsupportedFormat, "no helper in this test")
    }
}
