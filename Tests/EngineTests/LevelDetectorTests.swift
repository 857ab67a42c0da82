import Testing

@testable import Engine

/// A tone that is cut off rings on in the high-pass for less than a frame, which counts as speech.
@Suite struct LevelDetectorTests {
    private let usual = TurnListener.Sensitivity(threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 500)

    private func hear(
        _ samples: [Int16], _ sensitivity: TurnListener.Sensitivity? = nil
    ) -> [TurnListener.Event] {
        Ear(kind: .level, sensitivity: sensitivity ?? self.usual).hear(samples)
    }

    @Test func `a burst in silence begins with its padding and ends after the silence`() {
        let sound = Sound.silence(1_000) + Sound.tone(800) + Sound.silence(1_000)
        #expect(self.hear(sound) == [.started(atMs: 700), .stopped(atMs: 2_320)])
    }

    @Test func `padding never reaches into the speech before`() {
        let sound = Sound.tone(400) + Sound.silence(520) + Sound.tone(400) + Sound.silence(520)
        #expect(
            self.hear(sound) == [.started(atMs: 0), .stopped(atMs: 900), .started(atMs: 900), .stopped(atMs: 1_840)])
    }

    @Test func `pauses shorter than the silence belong to the speech`() {
        let sound = Sound.tone(300) + Sound.silence(400) + Sound.tone(300) + Sound.silence(600)
        #expect(self.hear(sound) == [.started(atMs: 0), .stopped(atMs: 1_520)])
    }

    @Test func `a click is no speech`() {
        #expect(self.hear(Sound.silence(500) + Sound.tone(30, level: -6) + Sound.silence(500)).isEmpty)
    }

    @Test func `steady noise is heard through within seconds`() {
        let events = self.hear(Sound.noise(20_000, level: -40))
        // It is louder than a room that nobody has heard yet, so that one false start is due; no second one.
        #expect(events.count <= 2)
    }

    @Test func `speech is found above steady noise that is 15 dB softer`() {
        let room = Sound.noise(9_000, level: -45)
        let voice = Sound.silence(7_500) + Sound.tone(600, level: -30) + Sound.silence(900)
        let late = self.hear(Sound.mix(room, voice)).filter {
            switch $0 {
            case .started(let ms), .stopped(let ms): ms > 7_000
            }
        }
        #expect(late == [.started(atMs: 7_200), .stopped(atMs: 8_600)])
    }

    @Test func `hum below the voice is no speech`() {
        #expect(self.hear(Sound.silence(200) + Sound.tone(3_000, level: -50, hertz: 50)).isEmpty)
    }

    @Test func `a higher threshold wants a louder voice`() {
        let sound = Sound.silence(200) + Sound.tone(500, level: -46) + Sound.silence(600)
        var deaf = self.usual
        deaf.threshold = 1
        #expect(self.hear(sound).count == 2)
        #expect(self.hear(sound, deaf).isEmpty)
    }

    @Test func `extremes of the samples are no trouble`() {
        let square = (0..<24_000).map { $0 / 30 % 2 == 0 ? Int16.max : Int16.min }
        #expect(self.hear(square + Sound.silence(600)) == [.started(atMs: 0), .stopped(atMs: 1_520)])
    }
}
