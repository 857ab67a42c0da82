import JSON

extension EmbeddedModel {
    /// Template data out of a document's own words: its title, its lines of the form `Role: …`, and the words that tell
    /// the archetype.
    func templateData(_ document: String, name: String) -> [String: JSONValue] {
        let reading = DocumentReading(document)
        let title = reading.title ?? (name.isBlank ? "Scenario" : name)
        let classification = ArchetypeClassification(counting: document)
        var person = reading.person
        Self.complete(&person, reading, Archetype(in: classification.primary))
        return [
            "general_info": [
                "title": .string(title), "domain": .string(reading.domain),
                "purpose": .string(reading.value("purpose", "objective", "goal") ?? "Practise this conversation"),
            ],
            "context_overview": [
                "scenario_title": .string(title), "setting": .string(reading.value("setting", "place") ?? ""),
                "situation": .string(reading.situation),
                "learner_role": .string(reading.value("learner role", "learner", "trainee", "your role") ?? "Learner"),
            ],
            "archetype_classification": classification.json,
            "persona_definitions": [
                GenerationMode.assess.definitionKey: .object(person),
                GenerationMode.learn.definitionKey: [
                    "role": .string("Trainer for \(reading.domain)"), "name": "Trainer",
                    "description": .string("Teaches how to master this: \(title)"),
                ],
            ],
            "generation_metadata": ["generated_by": .string(Self.name), "fallback": false],
        ]
    }

    private static func complete(
        _ person: inout [String: JSONValue], _ reading: DocumentReading, _ archetype: Archetype?
    ) {
        if person["role"] == nil { person["role"] = .string(reading.guessedRole) }
        if person["description"] == nil { person["description"] = .string(reading.situation) }
        switch archetype {
        case .persuasion:
            person["current_position"] = .string(reading.value("current position", "position") ?? "Content as it is")
            person["satisfaction_level"] = "Moderate"
            person["decision_criteria"] = .array(reading.list("decision criteria", "criteria").map { .string($0) })
            person["objection_library"] = .array(reading.list("objections", "objection").map { .string($0) })
        case .confrontation:
            person["sub_type"] = .string(ArchetypeClassification(counting: reading.text).subType)
            person["power_dynamics"] = .string(reading.value("power dynamics", "power") ?? "Unequal")
            person["emotional_state"] = .string(reading.value("emotional state", "emotion") ?? "Hurt and guarded")
        case .helpSeeking:
            person["problem_description"] = .string(reading.value("problem", "concern") ?? reading.situation)
            person["urgency_level"] = .string(reading.value("urgency") ?? "Moderate")
        case .investigation, .negotiation, nil: break
        }
    }
}
