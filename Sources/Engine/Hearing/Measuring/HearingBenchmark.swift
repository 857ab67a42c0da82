import Foundation

/// Compares detectors of speech on the same sounds.
public enum HearingBenchmark {
    private static let sensitivity = TurnListener.Sensitivity(
        threshold: 0.5, prefixPaddingMs: 0, silenceDurationMs: 500)

    /// - Parameter utterances: sentences of one voice each, PCM16 at 24 kHz. Each is heard alone and in noise.
    public static func run(
        _ utterances: [[Int16]], _ detectors: [SpeechDetectorKind] = SpeechDetectorKind.allCases
    ) -> [HearingFigures] {
        let scenes = utterances.flatMap { HearingScene.scenes(of: $0) } + HearingScene.speechless()
        return detectors.map { self.figures(of: $0, scenes) }
    }

    static func figures(of kind: SpeechDetectorKind, _ scenes: [HearingScene]) -> HearingFigures {
        var figures = HearingFigures(detector: kind)
        var seconds = 0.0
        var samples = 0
        for scene in scenes {
            let began = self.processorSeconds()
            let verdicts = kind.makeDetector().judge(scene.samples, threshold: self.sensitivity.threshold)
            seconds += self.processorSeconds() - began
            samples += scene.samples.count
            figures.count(self.events(verdicts), scene, silence: self.sensitivity.silenceDurationMs)
        }
        figures.microsecondsPerSecond = seconds * 1e6 / (Double(max(1, samples)) / 24_000)
        return figures
    }

    private static func events(_ verdicts: [SpeechVerdict]) -> [TurnListener.Event] {
        var listener = TurnListener(self.sensitivity)
        return verdicts.compactMap { listener.hear($0) }
    }

    /// Of this thread: others may compete for the processor.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension HearingFigures {
    fileprivate mutating func count(_ events: [TurnListener.Event], _ scene: HearingScene, silence: Int) {
        switch (scene.kind, scene.speech) {
        case (.quiet, let speech?): self.quiet.count(events, speech, silence: silence)
        case (.loud, let speech?): self.loud.count(events, speech, silence: silence)
        default: self.falseStartsWithoutSpeech += events.count { if case .started = $0 { true } else { false } }
        }
    }
}
