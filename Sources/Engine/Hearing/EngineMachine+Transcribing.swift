import JSON
import LanguageModels
import RealtimeProtocol

/// Speech that somebody writes down.
extension EngineMachine {
    /// Whether a recording is to be written down: for the client, or for the model that answers.
    func transcribes(_ recording: ConversationItem.Recording) -> Bool {
        guard self.abilities.transcribes, !recording.isSilence else { return false }
        return self.abilities.composes || !self.settings.transcription.isNull
    }

    /// Has a recording written down; the words come later, through `transcribed`.
    mutating func transcribe(_ itemID: String, _ recording: ConversationItem.Recording) -> [EngineAction] {
        guard let audio = recording.audio else {
            return self.untranscribed(itemID, "audio_too_long", "The recording is too long to be transcribed.")
        }
        self.unwritten.insert(itemID)
        let language = self.sketch.language.map { String($0.lowercased().prefix { $0 != "-" && $0 != "_" }) }
        return [
            .transcribe(
                itemID: itemID,
                Hearing(
                    audio: audio, format: self.settings.inputFormat,
                    milliseconds: recording.milliseconds, language: language))
        ]
    }

    /// The words of a recording are known; empty where nobody spoke.
    mutating func transcribed(_ itemID: String, _ text: String) -> [EngineAction] {
        guard self.unwritten.remove(itemID) != nil else { return [] }
        var milliseconds = 0
        if var item = self.conversation[itemID], case .message(let role, var content) = item.body,
            case .inputAudio(var recording)? = content.first
        {
            recording.words = text
            recording.transcript = text
            milliseconds = recording.milliseconds
            content[0] = .inputAudio(recording)
            item.body = .message(role, content)
            self.conversation.replace(item)
        }
        let told = EngineAction.send(.transcribed(itemID, text, milliseconds: milliseconds))
        return (self.settings.transcription.isNull ? [] : [told]) + self.heard(itemID)
    }

    /// Nobody will know the words of a recording.
    ///
    /// - Parameter code: the recognizer's word for why.
    mutating func transcriptionFailed(_ itemID: String, _ code: String) -> [EngineAction] {
        guard self.unwritten.remove(itemID) != nil else { return [] }
        let told = self.untranscribed(itemID, code, "The recording could not be transcribed.")
        return told + self.heard(itemID)
    }

    private func untranscribed(_ itemID: String, _ code: String, _ message: String) -> [EngineAction] {
        guard !self.settings.transcription.isNull else { return [] }
        return [.send(.transcriptionFailed(itemID, code: code, message: message))]
    }

    /// Lets responses go on that waited for these words.
    private mutating func heard(_ itemID: String) -> [EngineAction] {
        var ready: [String] = []
        for index in self.responses.indices where self.responses[index].composition?.awaited.remove(itemID) != nil {
            if self.responses[index].composition?.awaited.isEmpty == true { ready.append(self.responses[index].id) }
        }
        return ready.flatMap { self.compose($0) }
    }
}

/// A recording as the client sent it.
struct Hearing: Sendable, Equatable {
    let audio: [UInt8]
    let format: AudioFormat
    let milliseconds: Int
    let language: String?
}

extension ServerEvent {
    static func transcriptionFailed(_ itemID: String, code: String, message: String) -> ServerEvent {
        ServerEvent(
            "conversation.item.input_audio_transcription.failed",
            [
                "item_id": .string(itemID), "content_index": 0,
                "error": ["type": "transcription_error", "code": .string(code), "message": .string(message)],
            ])
    }
}
