import ClientProtocol
import Personas
import RealtimeProtocol

extension CompiledPersona {
    /// The persona as its client sees it.
    var card: PersonaCard {
        PersonaCard(
            id: self.id.rawValue, kind: self.kind.rawValue, name: self.name, voice: self.voice.rawValue,
            language: self.language)
    }

    /// The persona as its client wants it for this call, and what the client wants and does not get.
    func adapted(to request: PersonaRequest) -> (persona: CompiledPersona, warnings: [String]) {
        var context = CallContext(facts: request.vars.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) })
        var warnings: [String] = []
        context.voice = request.voice.flatMap { RealtimeVoice(authored: $0) }
        if request.voice != nil, context.voice == nil {
            warnings.append("no model has that voice: the persona keeps its own")
        }
        context.language = request.language.flatMap { Language(authored: $0) }
        if request.language != nil, context.language == nil {
            warnings.append("language is no name and no tag: the persona keeps its own")
        }
        return (self.adapted(to: context), warnings)
    }

    /// What the user probably speaks, as ISO 639-1: transcription knows no regions.
    var transcriptionLanguage: String { String(self.language.prefix { $0 != "-" }) }

    /// Who ends the user's turns when the microphone is live.
    var liveTurnDetection: TurnDetectionSetting {
        switch self.turnDetection {
        // One owner of `response.create`: the model says when a turn is over, the session asks for the answer.
        case .serverVAD: .serverVAD(createResponse: false, interruptResponse: false)
        case .semanticVAD(let eagerness):
            .semanticVAD(eagerness: eagerness.rawValue, createResponse: false, interruptResponse: false)
        }
    }
}

extension Line {
    // The least of the vendor's models that writes Hindi in Devanagari.
    private static let transcriptionModel = "gpt-4o-mini-transcribe"

    /// What the model is told once, before anything else. The voice is sent here and never again: it cannot change after
    /// the first audio.
    var configuration: RealtimeClientEvent {
        .sessionUpdate(
            SessionUpdate(
                instructions: self.persona.instructions, voice: self.persona.voice.rawValue,
                turnDetection: self.isListening ? self.persona.liveTurnDetection : .manual,
                transcription: .on(
                    model: Self.transcriptionModel, language: self.persona.transcriptionLanguage, prompt: nil),
                tools: self.persona.tools.isEmpty ? nil : self.persona.tools))
    }
}
