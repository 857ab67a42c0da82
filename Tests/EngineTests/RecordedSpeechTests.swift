import Audio
import Foundation
import Testing

@testable import Engine

/// The detector on recordings of speech, alone and in a noisy room.
@Suite struct RecordedSpeechTests {
    private func recording(_ name: String) async throws -> [Int16] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bytes = try Data(contentsOf: root.appending(path: "audio-fixtures/\(name)"))
        let decoder = UtteranceDecoder(containers: NoContainers(), limits: AudioLimits())
        return try await decoder.decode(Array(bytes), hint: AudioHint())
    }

    @Test(arguments: ["question-en.wav", "question-hi.wav"], [nil, -50.0, -45.0])
    func `a spoken question is one turn`(name: String, noise: Double?) async throws {
        let speech = try await self.recording(name)
        let milliseconds = speech.count / 24
        var sound = Sound.silence(1_000) + speech + Sound.silence(1_500)
        if let noise { sound = Sound.mix(sound, Sound.noise(milliseconds + 2_500, level: noise)) }
        var detector = VoiceActivityDetector(TurnDetection.server(.init()).sensitivity)
        let events = sound.withUnsafeBufferPointer { detector.hear($0) }
        guard case .started(let start)? = events.first, case .stopped(let end)? = events.last, events.count == 2 else {
            Issue.record("\(events) is not one turn of \(milliseconds) ms")
            return
        }
        #expect((600...1_100).contains(start))
        #expect((milliseconds + 900...milliseconds + 1_700).contains(end))
    }
}

/// In steady noise: the figures of docs/engine.md.
extension RecordedSpeechTests {
    @Test(arguments: ["question-en.wav", "question-hi.wav"], [20.0, 15.0])
    func `in noise a question begins and ends where it does`(name: String, decibels: Double) async throws {
        // Speech at -24 dB of full scale, as close microphones give it.
        let recorded = try await self.recording(name)
        let loud = recorded.map { Double($0) }.filter { abs($0) > 200 }
        let power = loud.reduce(0) { $0 + $1 * $1 } / Double(loud.count) / 1_073_741_824
        let gain = pow(10, (-24 - 10 * log10(power)) / 20)
        let question = recorded.map { Int16(clamping: Int(Double($0) * gain)) }
        let level = -24.0
        let clean = Sound.silence(3_000) + question + Sound.silence(2_000)
        let sound = Sound.mix(clean, Sound.noise(clean.count / 24, level: level - decibels))
        var detector = VoiceActivityDetector(TurnDetection.server(.init()).sensitivity)
        let events = sound.withUnsafeBufferPointer { detector.hear($0) }
        let frames = stride(from: 0, to: clean.count - 240, by: 240).filter { start in
            let energy = clean[start..<start + 240].reduce(0.0) { $0 + Double($1) * Double($1) } / 240
            return 10 * log10(max(energy, 1) / 1_073_741_824) > level - 24
        }
        let (first, last) = (try #require(frames.first) / 24, try #require(frames.last) / 24 + 10)
        guard events.count == 2, case .started(let start) = events[0], case .stopped(let end) = events[1] else {
            Issue.record("\(events) is not one turn")
            return
        }
        #expect(abs(start + 300 - first) <= 120)
        #expect(abs(end - 500 - last) <= 120)
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
