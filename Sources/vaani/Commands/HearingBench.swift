import Engine
import Observability

/// `vaani bench --hearing`: how well, and at what price, the engine's detectors of speech hear sentences in noise.
enum HearingBench {
    private static let sentences = [
        ("en", "marin", "When will I get married?"),
        ("en", "cedar", "Good morning, I would like to know, when I should change my job."),
        ("en", "marin", "Yes."),
        ("hi", "marin", "मेरी शादी कब होगी?"),
        ("hi", "cedar", "नमस्ते, मुझे अपने विवाह के बारे में पूछना है, कृपया बताइए।"),
        ("hi", "marin", "हाँ, ठीक है।"),
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        let pool = try EngineCommand.speechPool(Configuration(), log: .disabled, metrics: MetricsRegistry())
        let utterances: Result<[[Int16]], any Error>
        do {
            utterances = .success(try await self.speak(through: SpeechWorkers(pool: pool)))
        } catch {
            utterances = .failure(error)
        }
        await pool.shutdown()
        switch utterances {
        case .success(let utterances): terminal.print(self.table(HearingBenchmark.run(utterances)))
        case .failure(let error): throw CommandError(.unavailable, "there is no voice to hear: \(error)")
        }
        return .success
    }

    private static func speak(through synthesizer: SpeechWorkers) async throws -> [[Int16]] {
        var utterances: [[Int16]] = []
        for (language, voice, text) in self.sentences {
            var utterance: [Int16] = []
            let request = SpeechRequest(text: text, language: language, voice: voice)
            for try await samples in synthesizer.synthesize(request) { utterance += samples }
            utterances.append(utterance)
        }
        return utterances
    }

    private static func table(_ figures: [HearingFigures]) -> String {
        let head = [
            "", "begins off", "ends off", "false starts", "missed", "loud: ends off", "false starts", "missed",
            "no speech: false starts", "CPU",
        ]
        return TextTable([head] + figures.map { self.row($0) }).lines().joined(separator: "\n")
    }

    private static func row(_ figures: HearingFigures) -> [String] {
        let (quiet, loud) = (figures.quiet, figures.loud)
        return [
            figures.detector.rawValue, "\(quiet.beginsOff) ms", "\(quiet.endsOff) ms", "\(quiet.falseStarts)",
            "\(quiet.missed) of \(quiet.utterances)", "\(loud.endsOff) ms", "\(loud.falseStarts)",
            "\(loud.missed) of \(loud.utterances)", "\(figures.falseStartsWithoutSpeech)",
            "\(Int(figures.microsecondsPerSecond.rounded())) µs for 1 s",
        ]
    }
}
