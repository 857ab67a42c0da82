import JSON
import Testing

@testable import Personas

@Suite struct CompilingTests {
    private var conventions: PersonaConventions {
        var conventions = PersonaConventions()
        conventions.voiceMappings = ["Female": ["Hindi": "nova", "English": "shimmer"], "Male": ["English": "onyx"]]
        conventions.languageInstructions = ["Hindi": "सहज हिन्दी बोलें।"]
        conventions.promptFeatures = ["humour": "Your humour is {value}."]
        return conventions
    }

    @Test func `the preamble comes first, then the author's prompt byte for byte`() throws {
        let prompt = "आप टीना हैं।\n\n  ## Not a heading of ours\t\u{200D}"
        let compiled = try Persona.astrologer(["system_prompt": .string(prompt)]).compiled(self.conventions)
        #expect(compiled.instructions.hasPrefix(SafetyPreamble.text + "\n\n" + prompt + "\n\n## Identity\n"))
    }

    @Test func `every keyword is in the instructions, with a rule in the persona's language`() throws {
        let persona = try Persona.astrologer(["language": "Hindi", "expertise_keywords": ["विवाह", "कुंडली"]])
        let instructions = persona.compiled(self.conventions).instructions
        #expect(instructions.contains("## Expertise\nविवाह, कुंडली\nअगर सवाल"))
        #expect(instructions.contains("Name: Asha\nField: Vedic Love\nLanguage: hi\nसहज हिन्दी बोलें।"))
    }

    @Test func `tone and each part of the consultation style are a line each`() throws {
        let plain = try Persona.astrologer().compiled(self.conventions).instructions
        let styled = try Persona.astrologer([
            "tone": "playful",
            "consultation_style": ["question_frequency": "high", "response_length": "short", "use_examples": false],
        ]).compiled(self.conventions).instructions
        #expect(plain.contains("## Style\nYour tone is professional.\n\n"))
        #expect(
            styled.contains(
                """
                ## Style
                Your tone is playful.
                End most of your turns with one question.
                Answer in one or two sentences.
                Do without examples and stories.
                """))
    }

    @Test(
        arguments: [
            ("dry", "Your humour is dry."), (["dry", "rare"], "Your humour is dry, rare."),
            (["kind": "dry", "amount": 3], "Your humour is amount: 3; kind: dry."),
        ] as [(JSONValue, String)])
    func `a key that only the configuration knows reaches the prompt`(value: JSONValue, line: String) throws {
        #expect(try Persona.astrologer(["humour": value]).compiled(self.conventions).instructions.contains(line))
    }

    @Test(
        arguments: [
            ("nova", "Male", "Hindi", RealtimeVoice.coral), (nil, "Female", "Hindi", .coral),
            (nil, "Female", "English", .shimmer),
            (nil, "Male", "English", .ash), (nil, "Male", "Hindi", .ash), (nil, nil, "Hindi", .alloy),
            ("darth", "Female", "English", .shimmer),
        ] as [(String?, String?, String, RealtimeVoice)])
    func `the voice is the author's if a model has it, else the mapping's`(
        voice: String?, gender: String?, language: String, expected: RealtimeVoice
    ) throws {
        let persona = try Persona.astrologer([
            "voice_id": voice.map { .string($0) } ?? .null, "gender": gender.map { .string($0) } ?? .null,
            "language": .string(language),
        ])
        let compiled = persona.compiled(self.conventions)
        #expect(compiled.voice == expected)
        #expect(compiled.authoredVoice == voice)
    }

    @Test func `the hash tells apart what a session would be told`() throws {
        let one = try Persona.astrologer().compiled(self.conventions)
        #expect(try Persona.astrologer().compiled(self.conventions) == one)
        #expect(try Persona.astrologer(["greeting": "Hello."]).compiled(self.conventions).sha256 != one.sha256)
        #expect(one.sha256.count == 64)
    }

    @Test func `a mode replaces prompt and greeting, an unknown one is told`() throws {
        let persona = try Persona.astrologer(["modes": ["assess": ["system_prompt": "Judge.", "greeting": "Begin."]]])
        let assess = persona.compiled(mode: "assess", self.conventions)
        #expect(assess.instructions.contains("\n\nJudge.\n\n"))
        #expect(assess.greeting == "Begin.")
        let other = persona.compiled(mode: "dream", self.conventions)
        #expect(other.instructions.contains("You are Asha."))
        #expect(other.warnings == ["there is no mode \"dream\": the persona's own prompt is used"])
    }

    @Test func `an author who forbids doubt is warned`() throws {
        let persona = try Persona.astrologer(["system_prompt": "Give no disclaimers. I GUARANTEE results."])
        #expect(persona.compiled(self.conventions).warnings.count == 2)
    }
}
