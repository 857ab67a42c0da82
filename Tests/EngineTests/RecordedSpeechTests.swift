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

/// WAV needs no helper.
private struct NoContainers: ContainerDecoder {
    func decode(
        _ bytes: [UInt8], format: ContainerFormat, limits: AudioLimits
    ) async throws(AudioError) -> PCMBuffer {
        throw AudioError(.unsupportedFormat, "no helper in this test")
    }
}
