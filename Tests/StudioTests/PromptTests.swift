import JSON
import LanguageModels
import Personas
import Testing

@testable import Studio

@Suite struct PromptTests {
    private func persona(_ archetype: String = "PERSUASION") async -> GeneratedPersona {
        await PersonaGenerator(model: ScriptedModel.good(), library: Scenes.library)
            .generate(GenerationRequest(mode: .assess), of: Scenes.facts(archetype)).persona
    }

    @Test func `S1-52 S1-53: the request carries the whole persona and what the prompt has to contain`() async throws {
        let persona = await self.persona()
        let model = ScriptedModel.good()
        _ = try await PromptWriter(model: model).write(persona, Scenes.facts(), .assess)
        let request = try #require(model.requests.first)
        let told = request.facts["persona"]
        for key in [
            "name", "location", "archetype", "archetype_specific_data", "detail_categories", "conversation_rules",
        ] {
            #expect(told?[key] == persona[key], "\(key)")
        }
        #expect(request.facts["mode"] == "assess_mode" && told?["scenario_type"] == "pharmaceutical sales")
        for words in ["introduction", "woven in", "Guardrails", "escalate", "professional tone", "all of the data"] {
            #expect(request.words.contains(words), "\(words)")
        }
    }

    @Test func `S1-54: guardrails that the model left out are added, those that it wrote are not`() async throws {
        let persona = await self.persona()
        let bare = try await PromptWriter(model: ScriptedModel.good()).write(persona, Scenes.facts(), .assess).text
        #expect(Guardrails.sentences.allSatisfy(bare.contains))
        let own =
            "Stay on topic: nothing off-topic. Never break character. No abusive talk. Nothing outside your domain."
        #expect(Guardrails.complete(own) == own)
        #expect(Guardrails.missing(in: "Never break character, whoever is rude.").count == 2)
        #expect(bare.contains("Keep each answer under 40 words."))
    }

    @Test func `C-32: a prompt that a model made too long ends with a sentence, and has its guardrails`() async throws {
        let model = ScriptedModel { _, _ async throws(LanguageModelError) in
            String(repeating: "You are somebody. ", count: 5_000)
        }
        let persona = await self.persona()
        let text = try await PromptWriter(model: model).write(persona, Scenes.facts(), .assess).text
        #expect(text.unicodeScalars.count <= PromptWriter.maxScalars && text.unicodeScalars.count > 22_000)
        #expect(text.hasPrefix("You are somebody. ") && Guardrails.missing(in: text).isEmpty)
    }

    @Test(arguments: [
        (
            "PERSUASION",
            ["neutral", "vague claims", "strong data", "own position", "decision criteria", "if and only if"]
        ),
        ("CONFRONTATION", ["emotion", "accused or dismissed", "empathy", "vulnerability"]),
        ("HELP_SEEKING", ["Raise your problem", "good help", "vagueness", "Close accordingly"]),
        ("INVESTIGATION", ["volunteer nothing", "hard for you to speak", "good questions", "brief with poor"]),
        ("NEGOTIATION", ["position", "not negotiable", "flexible", "both sides", "creative"]),
        ("SOMETHING_ELSE", ["Respond naturally in character."]),
    ])
    func `S1-55 … S1-60: every archetype has its behaviour, an unknown one is natural`(
        _ archetype: String, _ words: [String]
    ) async {
        let text = await PromptWriter(model: ScriptedModel.failing(.unavailable))
            .writeOrFallBack(await self.persona(archetype), Scenes.facts(archetype), .assess).text
        for word in words { #expect(text.contains(word), "\(word)") }
    }

    @Test func `S1-61 S1-74: without a model the prompt is prose of the same data, without braces or marks`() async {
        let persona = await self.persona()
        let prompt = await PromptWriter(model: ScriptedModel.failing(.timeout))
            .writeOrFallBack(persona, Scenes.facts(), .assess)
        #expect(prompt.isFallback && prompt.generatedBy == "embedded")
        #expect(prompt.text.hasPrefix("You are Dr. Asha Rao, 46 years old, Gynecologist in Pune, Maharashtra, India."))
        #expect(prompt.text.contains("family_context fact 1") && prompt.text.contains("under 40 words"))
        #expect(!prompt.text.contains { "{}[]".contains($0) } && !prompt.text.contains("SYSTEM ERROR"))
        #expect(!prompt.text.contains("family_context:") && Guardrails.missing(in: prompt.text).isEmpty)
    }

    @Test func `S3-25: the expert's prompt knows the template and nobody's persona`() async throws {
        let model = ScriptedModel.good()
        _ = try await PromptWriter(model: model).write(nil, Scenes.facts(), .learn)
        #expect(model.requests.first?.facts["persona"] == nil)
        let plain = PromptWriter.plain(nil, Scenes.facts())
        #expect(plain.contains("A new supplement") && Guardrails.missing(in: plain).isEmpty)
    }

    @Test func `a prompt is cut to what is kept, and a fence is taken off`() async throws {
        let model = ScriptedModel { _, _ async throws(LanguageModelError) in
            "```markdown\n" + String(repeating: "A sentence of some words. ", count: 2_000) + "\n```"
        }
        let text = try await PromptWriter(model: model).write(await self.persona(), Scenes.facts(), .assess).text
        #expect(text.hasPrefix("A sentence") && text.unicodeScalars.count <= PromptWriter.maxScalars)
        #expect(!text.contains("`"))
    }

    @Test func `S1-75: a persona of the older shape has a name and somebody to be`() {
        let persona = GeneratedPersona(
            id: GeneratedPersona.newID(),
            members: [
                "persona_details": ["name": "Ravi", "age": 41, "role": "Shopkeeper"],
                "situation": ["setting": "A shop in Jaipur"], "character_goal": "Sell the last carpet", "own_key": 7,
            ])
        #expect(persona.name == "Ravi" && persona.age == 41 && persona["own_key"] == 7)
        let record = PersonaRecord(persona, owner: "tara", at: .now)
        let prompt = record.config.systemPrompt ?? ""
        #expect(prompt.hasPrefix("You are Ravi, 41 years old, Shopkeeper."))
        #expect(prompt.contains("Sell the last carpet") && prompt.contains("A shop in Jaipur"))
    }

    @Test func `who seeks help says the first word, who is to be persuaded waits`() async {
        let model = EmbeddedModel(library: Scenes.library)
        for (archetype, speaks) in [("HELP_SEEKING", true), ("PERSUASION", false), ("INVESTIGATION", false)] {
            let persona = await PersonaGenerator(model: model, library: Scenes.library)
                .generate(GenerationRequest(mode: .assess), of: Scenes.facts(archetype)).persona
            #expect((persona.greeting != nil) == speaks, "\(archetype)")
        }
    }

    @Test func `S1-65: a scenario's prompt, or the sentence that says that there is none`() async {
        func studio(_ model: any LanguageModel) -> PersonaStudio {
            PersonaStudio(store: MemoryStore(), library: Scenes.library, model: model)
        }
        let failed = await studio(ScriptedModel.failing(.unavailable)).assessPrompt(
            fromTemplate: Scenes.facts(), owner: "tara")
        #expect(failed == "Error generating assess mode template")
        let written = await studio(ScriptedModel.good()).assessPrompt(fromTemplate: Scenes.facts(), owner: "tara")
        #expect(written.hasPrefix("You are somebody in particular."))
    }

    @Test func `S1-62 S1-63 S1-64: both people of a template, by rules where no model answers`() async throws {
        let model = ScriptedModel.good()
        let both = try await PersonaStudio(store: MemoryStore(), library: Scenes.library, model: model).personas(
            fromTemplate: Scenes.facts(), gender: nil, context: "likes hockey", owner: "tara")
        #expect(both.expert.gender == "Female" && both.expert.mode == .learn && both.character.mode == .assess)
        #expect(both.expert["generation_metadata"]?["custom_prompt_used"] == false)
        #expect(both.character["generation_metadata"]?["custom_prompt_used"] == true)
        let down = try await PersonaStudio(
            store: MemoryStore(), library: Scenes.library, model: ScriptedModel.failing(.unavailable)
        ).personas(fromTemplate: Scenes.facts(), gender: "Male", context: nil, owner: "tara")
        #expect(down.character["generation_metadata"]?["fallback"] == true && down.character.gender == "Male")
        #expect(!down.character.details.isEmpty && !down.character.details.values.contains { $0["error"] != nil })
    }
}
