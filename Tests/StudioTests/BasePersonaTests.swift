import JSON
import Testing

@testable import Studio

@Suite struct BasePersonaTests {
    private func base(_ facts: ScenarioFacts, _ request: GenerationRequest = .init(mode: .assess)) -> BasePersona {
        BasePersona(facts, request, country: "India")
    }

    private let nothing = ScenarioFacts(templateID: nil, data: [:])

    @Test func `S1-28 C-38: try_mode without a part of its own takes the assessed person's`() {
        let base = self.base(Scenes.facts(), GenerationRequest(mode: .tryOut))
        #expect(base.name == "Dr. Asha Rao" && base.role == "Gynecologist" && base.personaType == "Gynecologist")
    }

    @Test func `S1-28 S1-29 S1-30: an empty template gives every default`() {
        let base = self.base(self.nothing)
        #expect(base.role == "Person" && base.personaType == "Character" && base.name == "Character")
        #expect(base.age == 35 && base.description == "" && base.gender == "Female")
        #expect(base.location.city == "Mumbai" && base.location.state == "Maharashtra")
        #expect(base.location.currentPhysicalLocation == "At location" && base.location.locationType == "General")
    }

    @Test func `S1-29: what is asked for outranks the template`() {
        #expect(self.base(Scenes.facts(), GenerationRequest(mode: .assess, gender: "Male")).gender == "Male")
        #expect(self.base(Scenes.facts(definition: ["gender": "Male"])).gender == "Male")
    }

    @Test func `S1-17 S1-30: a place is split, and every member of the model is there`() {
        let base = self.base(
            Scenes.facts(definition: [
                "location": "Kochi, Kerala", "current_situation": "At the desk", "context": "Ward",
            ]))
        let place = base.location.json
        #expect(place["city"] == "Kochi" && place["state"] == "Kerala" && place["country"] == "India")
        #expect(place["current_physical_location"] == "At the desk" && place["location_type"] == "Ward")
        #expect(place["languages_spoken"] == ["English", "Hindi"])
        #expect(place.object?.count == 15)
    }

    @Test func `S1-31 … S1-34: an archetype copies its own part, by a name in it`() {
        let said: [String: JSONValue] = [
            "current_position": "content", "sub_type": "VICTIM", "urgency_level": "high",
            "objection_library": ["price"],
        ]
        #expect(
            Archetype.data("PERSUASION_SALES", from: said) == [
                "current_position": "content", "satisfaction_level": "", "decision_criteria": [],
                "objection_library": ["price"],
            ])
        #expect(
            Archetype.data("CONFRONTATION", from: said) == [
                "sub_type": "VICTIM", "power_dynamics": "", "emotional_state": "",
            ])
        #expect(
            Archetype.data("HELP_SEEKING", from: said) == ["problem_description": "", "urgency_level": "high"])
        #expect(Archetype.data("NEGOTIATION", from: said) == [:] && Archetype.data("OTHER", from: said) == [:])
    }

    @Test func `S1-35: what a template does not say has its default`() {
        #expect(self.nothing.archetype == "HELP_SEEKING" && self.nothing.archetypeConfidence == 0.8)
        #expect(self.nothing.domain == "general" && self.nothing.templateID == nil)
    }

    @Test func `S1-25: every variation is another person`() {
        let names = (0..<Names.pairs).map { index in
            self.base(Scenes.facts(), GenerationRequest(mode: .assess, variation: index)).name
        }
        #expect(Set(names).count == Names.pairs && names[0] == "Dr. Asha Rao")
        _ = self.base(Scenes.facts(), GenerationRequest(mode: .assess, variation: .min))
    }
}
