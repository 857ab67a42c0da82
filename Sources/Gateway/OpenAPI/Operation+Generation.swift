import JSON
import Studio

// Templates, generated personas, prompts, jobs.
extension Operation {
    private static let modes: JSONValue = [
        "enum": .array(GenerationMode.allCases.map { .string($0.rawValue) })
    ]
    private static let identifier: JSONValue = ["type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"]
    private static let object: JSONValue = ["type": "object"]

    private static func answer(_ meaning: String, _ status: Int = 200, headers: [String] = []) -> [Answer] {
        [Answer(status: status, meaning: meaning, schema: reference("Object"), headers: headers)]
    }

    static let listCategoriesOfDetails = Operation(
        id: "listDetailCategories", tag: "Generation",
        summary: "The kinds of details that a persona may have: those of the product, and the operator's.",
        parameters: [query("names", "1: the names alone.", ["type": "string"])],
        answers: [Answer(status: 200, meaning: "The categories, or their names.", schema: [:])])

    static let readCategoryOfDetails = Operation(
        id: "readDetailCategory", tag: "Generation", summary: "One kind of details.",
        answers: answer("The category."))

    /// A form with a document.
    private static func document(_ others: [String: JSONValue] = [:]) -> JSONValue {
        let own: [String: JSONValue] = ["scenario_document": APIDocument.text(ScenarioAnalyzer.maxScalars)]
        return [
            "type": "object", "required": ["scenario_document"], "properties": .object(own.merging(others) { $1 }),
        ]
    }

    /// One of several members has to be there, each of its type.
    private static func any(of members: KeyValuePairs<String, String>) -> JSONValue {
        .array(
            members.map { name, type in
                ["required": [.string(name)], "properties": .object([name: ["type": .string(type)]])]
            })
    }

    static let analyzeScenario = Operation(
        id: "analyzeScenario", tag: "Generation",
        summary: "Turns a document (text or Markdown in UTF-8, PDF or DOCX) into a template, and keeps it.",
        parameters: [idempotencyKey], body: document(["template_name": ["type": "string", "maxLength": 200]]),
        bodyType: "multipart/form-data",
        answers: answer("The template."), errors: [409, 503])

    static let classifyScenario = Operation(
        id: "classifyScenario", tag: "Generation", summary: "Says what kind of conversation a document describes.",
        body: document(), bodyType: "multipart/form-data", answers: answer("The archetype."), errors: [503])

    static let listTemplates = Operation(
        id: "listTemplates", tag: "Generation", summary: "The caller's templates, newest first, without their data.",
        parameters: window, answers: answer("A part of the list."), errors: [422, 503])

    static let readTemplate = Operation(
        id: "readTemplate", tag: "Generation", summary: "One template.",
        answers: answer("The template.", headers: ["ETag"]), errors: [503])

    static let replaceTemplate = Operation(
        id: "replaceTemplate", tag: "Generation", summary: "Puts another name or other data in a template.",
        parameters: [ifMatch],
        body: [
            "type": "object",
            "properties": [
                "template_data": object, "name": ["type": "string", "minLength": 1, "maxLength": 200],
            ],
        ], answers: answer("The template.", headers: ["ETag"]), errors: [412, 503])

    static let deleteTemplate = Operation(
        id: "deleteTemplate", tag: "Generation", summary: "Takes out a template; personas made of it stay.",
        answers: [Answer(status: 204, meaning: "It is gone.")], errors: [503])

    private static let wish: JSONValue = [
        "type": "object", "required": ["template_id"],
        "properties": [
            "template_id": ["type": "string"], "mode": modes, "persona_type": ["type": "string", "maxLength": 100],
            "gender": ["type": "string", "maxLength": 40],
            "prompt": ["type": "string", "maxLength": 5_000, "description": "The author's wishes."],
            "variation_id": ["type": "integer", "minimum": -1_000_000, "maximum": 1_000_000],
            "count": ["type": "integer", "minimum": 1, "maximum": .integer(PersonaStudio.maxCount)],
        ],
    ]

    static let generatePersonas = Operation(
        id: "generatePersonas", tag: "Generation", summary: "Makes people of a scenario, without prompts.",
        body: wish, answers: answer("The first persona, and all of them."), errors: [404, 503])

    static let generateScenarioPersonas = Operation(
        id: "generateScenarioPersonas", tag: "Generation", summary: "The same as /generate-personas.", body: wish,
        answers: answer("The first persona, and all of them."), errors: [404, 503])

    static let generateBothPersonas = Operation(
        id: "generateBothPersonas", tag: "Generation",
        summary: "Makes the expert and the character of a scenario; where no model answers, by rules.",
        body: [
            "type": "object", "anyOf": any(of: ["template_id": "string", "template_data": "object"]),
            "properties": [
                "template_id": ["type": "string"], "gender": ["type": "string"], "context": ["type": "string"],
                "prompt": ["type": "string"],
            ],
        ], answers: answer("Both personas."), errors: [404, 503])

    static let postPersona = Operation(
        id: "postPersona", tag: "Generation",
        summary: "Keeps a persona that was written elsewhere, of the present or of the older shape.", body: persona,
        answers: answer("The persona.", 201, headers: ["Location"]), errors: [503])

    static let readGeneratedPersona = Operation(
        id: "readGeneratedPersona", tag: "Generation", summary: "A generated persona with everything about it.",
        answers: answer("The persona."), errors: [503])

    static let replaceGeneratedPersona = Operation(
        id: "replaceGeneratedPersona", tag: "Generation",
        summary: "Puts another document in the place of a generated persona's; the next session is told its prompt.",
        body: persona, answers: answer("The persona."), errors: [503])

    private static let scenario: JSONValue = [
        "type": "object", "anyOf": any(of: ["template_id": "string", "template_data": "object"]),
    ]
    private static let scenarioWithPersona: JSONValue = [
        "type": "object",
        "allOf": [
            ["anyOf": any(of: ["template_id": "string", "template_data": "object"])],
            ["anyOf": any(of: ["persona_id": "string", "persona": "object"])],
        ],
    ]
    private static let persona: JSONValue = [
        "type": "object",
        "anyOf": any(of: [
            "name": "string", "persona_details": "object", "role": "string", "detail_categories": "object",
            "system_prompt": "string", "prompt": "string",
        ]),
        "properties": [
            "name": ["type": ["string", "null"]], "role": ["type": ["string", "null"]],
            "description": ["type": ["string", "null"]], "system_prompt": ["type": ["string", "null"]],
            "persona_details": ["type": ["object", "null"]], "detail_categories": ["type": ["object", "null"]],
            "prompt": ["type": ["string", "null"], "maxLength": .integer(PromptWriter.maxScalars)],
        ],
    ]

    static let generatePrompt = Operation(
        id: "generatePrompt", tag: "Generation", summary: "Writes the system prompt of a persona.",
        body: scenarioWithPersona,
        answers: answer("The prompt."), errors: [404, 503])

    static let generateFinalPrompts = Operation(
        id: "generateFinalPrompts", tag: "Generation",
        summary: "All prompts of a scenario, while the client waits. The jobs of version 2 take its place.",
        isDeprecated: true, body: scenario, answers: firstVersion, errors: [404, 503])

    static let generateScenarioFinalPrompts = Operation(
        id: "generateScenarioFinalPrompts", tag: "Generation", summary: "The same as /generate-final-prompts.",
        isDeprecated: true, body: scenario, answers: firstVersion, errors: [404, 503])

    private static let firstVersion =
        answer("The prompts.") + [
            Answer(status: 308, meaning: "Where the operator redirects it: version 2.", headers: ["Location"])
        ]

    static let beginPromptJob = Operation(
        id: "beginPromptJob", tag: "Generation", summary: "Writes prompts of several personas in the background.",
        body: [
            "type": "object", "required": ["template_id", "persona_ids"],
            "properties": [
                "template_id": APIDocument.text(128),
                "persona_ids": [
                    "type": "array", "minItems": 1, "maxItems": .integer(PromptJobInput.maxPersonas),
                    "items": identifier,
                ],
                "mode_mapping": [
                    "type": "object",
                    "additionalProperties": ["anyOf": [modes, ["type": "array", "minItems": 1, "items": modes]]],
                ],
            ],
        ], answers: answer("The job has begun."), errors: [404, 503])

    static let followPromptJob = Operation(
        id: "followPromptJob", tag: "Generation",
        summary: "What happened in a job and what happens, as server-sent events; the results come last.",
        parameters: [
            header("Last-Event-ID", "Goes on after that event.", ["type": "integer"]),
            query("last_event_id", "The same, for clients that can set no header.", ["type": "integer"]),
        ],
        answers: [
            Answer(status: 200, meaning: "The events.", schema: ["type": "string"], type: "text/event-stream"),
            Answer(status: 204, meaning: "The job is over, and everything has been seen."),
        ], errors: [503])

    static let readPromptJob = Operation(
        id: "readPromptJob", tag: "Generation", summary: "The state of a job, for clients that do not listen.",
        answers: answer("The job."), errors: [503])

    private static let interaction: JSONValue = [
        "type": "object", "required": ["mode"],
        "properties": [
            "mode": modes, "persona_id": ["type": ["string", "null"]], "system_prompt": ["type": ["string", "null"]],
        ],
    ]

    static let createInteraction = Operation(
        id: "createInteraction", tag: "Generation", summary: "Keeps how a persona appears to learners.",
        parameters: [idempotencyKey], body: interaction,
        answers: answer("The interaction.", 201, headers: ["Location"]), errors: [409, 503])

    static let listInteractions = Operation(
        id: "listInteractions", tag: "Generation", summary: "The caller's interactions, newest first.",
        parameters: window, answers: answer("A part of the list."), errors: [422, 503])

    static let readInteraction = Operation(
        id: "readInteraction", tag: "Generation", summary: "One interaction.", answers: answer("The interaction."),
        errors: [503])

    static let replaceInteraction = Operation(
        id: "replaceInteraction", tag: "Generation", summary: "Puts another interaction in the place of one.",
        body: interaction, answers: answer("The interaction."), errors: [503])

    static let deleteInteraction = Operation(
        id: "deleteInteraction", tag: "Generation", summary: "Takes out an interaction.",
        answers: [Answer(status: 204, meaning: "It is gone.")], errors: [503])
}
