import JSON
import Personas

extension StoredPersona {
    /// The persona as somebody to talk to: from here on it is compiled like every other.
    ///
    /// - Parameters:
    ///   - mode: as the client named it: who teaches is somebody else than the person of the scenario.
    ///   - warnings: what its author set and a voice call has no use for.
    public func persona(in mode: String? = nil, _ warnings: inout [String]) -> Persona {
        let config = self.record.config
        let title = self.scenario?.title ?? config.field ?? config.name ?? "Conversation"
        let teaches = mode == GenerationMode.learn.rawValue && mode.flatMap { config.prompts[$0] } != nil
        let language = self.language
        var persona = Persona(
            id: self.record.id, kind: self.record.kind, name: teaches ? "Trainer" : config.name ?? title, field: title,
            language: language,
            systemPrompt: self.prompt(config.hasPrompt ? config.systemPrompt : nil, title))
        persona.modes = self.modes(title)
        persona.card = self.scenario?.description ?? ""
        // An echo has nothing to say of its own.
        persona.greeting = config.pipeline == .echo ? nil : config.greeting
        persona.steerBack =
            language.primary == "hi"
            ? "चलिए, अपनी बातचीत पर लौटते हैं: \(title)।" : "Let us come back to what we are here for: \(title)."
        persona.gender = teaches ? nil : config.gender.flatMap { Gender(authored: $0) }
        persona.isEcho = config.pipeline == .echo
        persona.voiceID = self.voice(&warnings)
        persona.turnDetection = self.turnDetection
        warnings += self.unused
        return persona
    }

    /// Who is generated is the same person in every mode; an expert who teaches has a prompt of their own, and no
    /// opening line of somebody else's.
    private func modes(_ title: String) -> [String: Persona.Mode] {
        var modes = self.record.config.prompts.mapValues { Persona.Mode(systemPrompt: self.prompt($0, title)) }
        modes[GenerationMode.learn.rawValue]?.greeting = ""
        guard self.record.kind == .generated else { return modes }
        for mode in GenerationMode.allCases where mode != .learn && modes[mode.rawValue] == nil {
            modes[mode.rawValue] = Persona.Mode()
        }
        return modes
    }

    /// The author's words come first and byte for byte.
    private func prompt(_ own: String?, _ title: String) -> String {
        let config = self.record.config
        var parts = [own ?? PersonaConfig.standard.systemPrompt ?? ""]
        if let scenario = self.scenario {
            parts.append("## The situation\n\(scenario.title): \(scenario.description)")
        }
        if let context = config.context, !context.isBlank { parts.append("## What you know\n\(context)") }
        return parts.joined(separator: "\n\n")
    }

    /// As the author says, else by the script that the prompt is written in.
    private var language: Language {
        let config = self.record.config
        let words = (config.systemPrompt ?? "") + (self.scenario?.description ?? "")
        let isDevanagari =
            words.unicodeScalars.count { (0x900...0x97F).contains($0.value) } * 2 > words.unicodeScalars.count
        let authored = config.language.flatMap { Language(authored: $0) }
        guard let language = authored ?? Language(authored: isDevanagari ? "Hindi" : "English") else {
            preconditionFailure("the two languages are known")
        }
        return language
    }

    private func voice(_ warnings: inout [String]) -> String? {
        let tts = self.record.config.layers["tts"]
        guard let name = (tts?["external_voice_id"] ?? tts?["voice"])?.string else { return nil }
        if RealtimeVoice(authored: name) != nil { return name }
        warnings.append("tts.external_voice_id: the provider's voice speaks in its calls alone")
        return nil
    }

    /// Who is patient waits longer for the end of a turn.
    private var turnDetection: CompiledPersona.TurnDetection {
        switch self.record.config.layers["conversational_flow"]?["turn_taking_patience"]?.string {
        case "low": .semanticVAD(.high)
        case "high": .semanticVAD(.low)
        default: .semanticVAD(.medium)
        }
    }

    private var unused: [String] {
        let config = self.record.config
        var warnings = ["llm.model: the gateway's own model answers by voice"]
        if !config.tools.isEmpty { warnings.append("llm.tools: nobody is there to run functions in a voice call") }
        if config.defaultReplicaID != nil { warnings.append("defaultReplicaId: a voice call shows no picture") }
        if config.layers["perception"]?.object?.isEmpty == false {
            warnings.append("perception: a voice call sees nothing")
        }
        return warnings
    }
}
