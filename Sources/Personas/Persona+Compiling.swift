import Hashing
import JSON

extension Persona {
    /// Makes what a session needs: the only way from a persona into a conversation. It reads nothing but its arguments.
    ///
    /// The instructions are the safety preamble, the author's `system_prompt` byte for byte, and short sections with a heading
    /// each, which models read well and the embedded engine finds its questions in.
    ///
    /// - Parameter mode: as the client named it; one that the persona does not have is ignored, with a warning.
    public func compiled(mode: String? = nil, _ conventions: PersonaConventions) -> CompiledPersona {
        var warnings: [String] = []
        let override = mode.flatMap { self.modes[$0] }
        if let mode, override == nil {
            warnings.append("there is no mode \"\(mode)\": the persona's own prompt is used")
        }
        let prompt = override?.systemPrompt ?? self.systemPrompt
        warnings += PromptReview.warnings(on: prompt)
        let greeting = override?.greeting ?? self.greeting
        var compiled = CompiledPersona(
            id: self.id, kind: self.kind, name: self.name, field: self.field,
            instructions: self.instructions(prompt, conventions), voice: self.voice(conventions, &warnings),
            authoredVoice: self.voiceID, greeting: greeting.flatMap { $0.isEmpty ? nil : $0 },
            language: self.language.tag, turnDetection: self.turnDetection)
        compiled.isEcho = self.isEcho
        compiled.sha256 = SHA256.hex(JSONValue.object(compiled.content).encoded)
        compiled.warnings = warnings
        return compiled
    }

    private func voice(_ conventions: PersonaConventions, _ warnings: inout [String]) -> RealtimeVoice {
        guard let authored = self.voiceID else { return conventions.voice(self.gender, self.language) }
        if let voice = RealtimeVoice(authored: authored) {
            if voice.rawValue != authored.lowercased() {
                warnings.append("voice_id \"\(authored)\" is no realtime voice: \(voice.rawValue) speaks instead")
            }
            return voice
        }
        let voice = conventions.voice(self.gender, self.language)
        warnings.append("voice_id \"\(authored)\" is not known: \(voice.rawValue) speaks instead")
        return voice
    }

    private func instructions(_ prompt: String, _ conventions: PersonaConventions) -> String {
        let phrases = Phrases.of(self.language)
        var sections = [SafetyPreamble.text, prompt, self.identity(conventions, phrases)]
        if !self.keywords.isEmpty {
            sections.append(Self.section("Expertise", [self.keywords.joined(separator: ", "), phrases.steerRule]))
        }
        sections.append(Self.section("Style", self.style(conventions, phrases)))
        if !self.questions.isEmpty {
            sections.append(
                Self.section("Questions that move the conversation forward", self.questions.map { "- " + $0 }))
        }
        sections.append(
            Self.section(
                "When something is outside the field", [self.steerBack ?? phrases.steerBack(self)]))
        return sections.joined(separator: "\n\n")
    }

    private static func section(_ title: String, _ lines: [String]) -> String {
        (["## " + title] + lines).joined(separator: "\n")
    }

    private func identity(_ conventions: PersonaConventions, _ phrases: Phrases) -> String {
        let instruction = conventions.languageInstructions[self.language.name] ?? phrases.language(self.language.name)
        return Self.section(
            "Identity",
            ["Name: \(self.name)", "Field: \(self.field)", "Language: \(self.language.tag)", instruction])
    }

    private func style(_ conventions: PersonaConventions, _ phrases: Phrases) -> [String] {
        let style = self.consultationStyle
        var lines = [phrases.tone(self.tone)]
        if let degree = style.questionFrequency { lines.append(phrases.questionFrequency[degree] ?? "") }
        if let degree = style.responseLength { lines.append(phrases.responseLength[degree] ?? "") }
        if let usesExamples = style.usesExamples { lines.append(usesExamples ? phrases.examples : phrases.noExamples) }
        for key in conventions.promptFeatures.keys.sorted() {
            guard let value = self.document[key], let line = conventions.promptFeatures[key], !value.isNull else {
                continue
            }
            lines.append(line.replacing("{value}", with: value.spoken))
        }
        return lines.filter { !$0.isEmpty }
    }
}

extension JSONValue {
    /// As it reads within a sentence.
    fileprivate var spoken: String {
        switch self {
        case .string(let text): text
        case .array(let values): values.map(\.spoken).joined(separator: ", ")
        case .object(let members):
            members.keys.sorted().map { "\($0): \(members[$0]?.spoken ?? "")" }.joined(separator: "; ")
        case .null, .bool, .integer, .number: self.text
        }
    }
}
