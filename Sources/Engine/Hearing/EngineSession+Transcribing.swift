import Audio
import LanguageModels
import Transport

/// Has speech written down.
extension EngineSession {
    /// Recordings of one client that are written down at a time; a client that talks faster than that is not listened to.
    private static let maxTranscriptions = 4

    func transcribe(_ hearing: Hearing, _ itemID: String) {
        guard let recognizer = self.services.models.recognizer, self.transcriptions.count < Self.maxTranscriptions
        else {
            return self.perform(self.machine.transcriptionFailed(itemID, "busy"))
        }
        let patience = self.loop.schedule(after: self.services.configuration.hearingPatience) { [weak self] in
            self?.assumeIsolated { $0.transcribed(itemID, .failure(LanguageModelError(.timeout, "no words in time"))) }
        }
        let task = Task { [weak self] in
            let result: Result<String, LanguageModelError>
            do throws(LanguageModelError) {
                result = .success(try await recognizer.transcribe(hearing.utterance))
            } catch {
                result = .failure(error)
            }
            await self?.transcribed(itemID, result)
        }
        self.transcriptions[itemID] = RunningTranscription(task: task, patience: patience)
    }

    private func transcribed(_ itemID: String, _ result: Result<String, LanguageModelError>) {
        guard let running = self.transcriptions.removeValue(forKey: itemID) else { return }
        running.cancel()
        switch result {
        case .success(let text): self.perform(self.machine.transcribed(itemID, text))
        case .failure(let error): self.perform(self.machine.transcriptionFailed(itemID, error.code.rawValue))
        }
    }
}

/// A call to the recognizer, and how long it may take: a reply waits for it.
struct RunningTranscription {
    let task: Task<Void, Never>
    let patience: ScheduledTask

    func cancel() {
        self.task.cancel()
        self.patience.cancel()
    }
}

extension Hearing {
    /// The sound at the rate it came in: a recognizer gains nothing from a telephone call at 24 kHz.
    var utterance: SpokenUtterance {
        let wav =
            switch self.format {
            case .pcm: WAV.encode(self.format.samples(self.audio), sampleRate: 24_000)
            case .pcmu: WAV.encode(G711.decodeMuLaw(self.audio), sampleRate: 8_000)
            case .pcma: WAV.encode(G711.decodeALaw(self.audio), sampleRate: 8_000)
            }
        return SpokenUtterance(wav: wav, milliseconds: self.milliseconds, language: self.language)
    }
}
