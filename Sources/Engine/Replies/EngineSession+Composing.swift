import LanguageModels
import Observability

/// From a language model's words to speech, sentence by sentence.
extension EngineSession {
    /// Nobody waits for ever on a silent line: the persona's own words are ready at once.
    func expectWords(_ id: String) {
        let run = self.run(id)
        run.isBeingWritten = true
        run.patience = self.loop.schedule(after: self.services.configuration.replyPatience) { [weak self] in
            self?.assumeIsolated { $0.losePatience(id) }
        }
    }

    func compose(_ request: ChatRequest, _ id: String) {
        guard let model = self.services.models.languageModel else {
            return self.perform(
                self.machine.compositionEnded(id, warning: LanguageModelError.Code.notConfigured.rawValue))
        }
        let run = self.run(id)
        run.composition = Task { [weak self] in
            var splitter = SentenceSplitter()
            var warning: String?
            do throws(LanguageModelError) {
                for try await element in model.stream(request) {
                    switch element {
                    case .text(let piece): for sentence in splitter.push(piece) { await self?.composed(id, sentence) }
                    case .end(let answer): warning = Self.warning(answer)
                    }
                }
            } catch {
                warning = error.code.rawValue
            }
            if let rest = splitter.finish() { await self?.composed(id, rest) }
            await self?.compositionEnded(id, warning)
        }
    }

    private static func warning(_ answer: ChatAnswer) -> String? {
        switch answer.finishReason {
        case .stop, .other: nil
        case .length, .filtered: answer.finishReason.rawValue
        }
    }

    private func composed(_ id: String, _ text: String) {
        self.runs[id]?.patience?.cancel()
        self.perform(self.machine.composed(id, text))
    }

    private func losePatience(_ id: String) {
        guard let run = self.runs[id] else { return }
        run.composition?.cancel()
        run.composition = nil
        self.services.metrics.fallbacks.increment()
        self.log.warning("language model gave no answer", [.errorCode: .text("timeout")])
        self.perform(self.machine.compositionEnded(id, warning: LanguageModelError.Code.timeout.rawValue))
    }

    private func compositionEnded(_ id: String, _ warning: String?) {
        guard let run = self.runs[id], run.composition != nil else { return }
        run.patience?.cancel()
        run.composition = nil
        if let warning {
            self.services.metrics.fallbacks.increment()
            self.log.warning("language model gave no whole answer", [.errorCode: .text(warning)])
        }
        self.perform(self.machine.compositionEnded(id, warning: warning))
    }
}
