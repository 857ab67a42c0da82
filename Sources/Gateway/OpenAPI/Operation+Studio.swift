import JSON
import Studio

// Scenarios, personas of users, experiments.
extension Operation {
    private static func words(_ words: [String]) -> JSONValue { ["enum": .array(words.map { .string($0) })] }

    static let listScenarios = Operation(
        id: "listScenarios", tag: "Scenarios", summary: "The caller's scenarios, newest first.",
        parameters: Operation.window + [
            query("category", "Of this category alone.", words(Category.allCases.map(\.rawValue))),
            query("difficulty", "Of this difficulty alone.", words(Difficulty.allCases.map(\.rawValue))),
            query("q", "With these words in title, description or tags.", ["type": "string"]),
            query("isCustomOnly", "Those that a user made.", ["type": "boolean"]),
        ],
        answers: [Answer(status: 200, meaning: "A part of the list.", schema: reference("ScenarioPage"))],
        errors: [422, 503])

    static let createScenario = Operation(
        id: "createScenario", tag: "Scenarios",
        summary: """
            Keeps a scenario with its persona, which can be talked with at once, or is made at the provider first. A \
            template_id in the body names a template whose fields stand where the body has none.
            """,
        parameters: [idempotencyKey],
        body: reference("ScenarioInput"),
        answers: [
            Answer(status: 201, meaning: "It is kept.", schema: reference("Scenario"), headers: ["ETag", "Location"])
        ], errors: [409, 429, 503])

    static let categories = Operation(
        id: "listCategories", tag: "Scenarios", summary: "Every category, and how many scenarios of the caller it has.",
        answers: [
            Answer(
                status: 200, meaning: "The categories.",
                schema: [
                    "type": "array",
                    "items": [
                        "type": "object", "required": ["name", "count"],
                        "properties": [
                            "name": words(Category.allCases.map(\.rawValue)),
                            "count": ["type": "integer", "minimum": 0],
                        ],
                    ],
                ])
        ], errors: [503])

    static let readScenario = Operation(
        id: "readScenario", tag: "Scenarios", summary: "One scenario with its persona.",
        parameters: [
            query("expand", "Also the documents that its persona uses, by name.", ["enum": ["documents"]])
        ],
        answers: [
            Answer(status: 200, meaning: "The scenario.", schema: reference("Scenario"), headers: ["ETag"]),
            Answer(status: 304, meaning: "If-None-Match names this very version.", headers: ["ETag"]),
        ], errors: [422, 502, 503])

    static let replaceScenario = Operation(
        id: "replaceScenario", tag: "Scenarios",
        summary: "Puts another scenario in the place of one. A body without a persona keeps the persona.",
        parameters: [ifMatch], body: reference("ScenarioInput"),
        answers: [Answer(status: 200, meaning: "It is kept.", schema: reference("Scenario"), headers: ["ETag"])],
        errors: [412, 429, 503])

    static let deleteScenario = Operation(
        id: "deleteScenario", tag: "Scenarios", summary: "Takes out a scenario and its persona.",
        parameters: [ifMatch], answers: [Answer(status: 204, meaning: "It is gone.")], errors: [412, 503])

    static let templates = Operation(
        id: "listPersonaTemplates", tag: "Scenarios",
        summary: "Scenarios to begin with: POST /api/scenarios with a template_id starts from one.",
        answers: [Answer(status: 200, meaning: "The templates.", schema: reference("Object"))])

    static let addTool = Operation(
        id: "addTool", tag: "Personas",
        summary: "Gives a persona a function to call; one of the same name is replaced.",
        parameters: [idempotencyKey], body: reference("Tool"),
        answers: [Answer(status: 201, meaning: "The persona's functions.", schema: reference("Object"))],
        errors: [409, 412, 503])

    static let personaStats = Operation(
        id: "readPersonaStats", tag: "Personas",
        summary: "How often a persona was talked with, how long, how it was liked.",
        answers: [Answer(status: 200, meaning: "The figures.", schema: reference("Figures"))], errors: [503])

    static let exportPersona = Operation(
        id: "exportPersona", tag: "Personas",
        summary:
            "A persona to give to somebody else, without secrets and without what belongs to a provider's account.",
        answers: [Answer(status: 200, meaning: "The document.", schema: reference("PersonaExport"))], errors: [503])

    static let importPersona = Operation(
        id: "importPersona", tag: "Personas", summary: "Takes over a persona that somebody has exported.",
        parameters: [idempotencyKey], body: reference("PersonaExport"),
        answers: [
            Answer(
                status: 201, meaning: "The scenario, or the persona where it has none.", schema: reference("Object"),
                headers: ["ETag", "Location"])
        ], errors: [409, 429, 503])

    static let deletePersona = Operation(
        id: "deletePersona", tag: "Personas",
        summary: "Takes out a persona of the caller's that belongs to no scenario.",
        answers: [Answer(status: 204, meaning: "It is gone.")], errors: [503])

    static let rateSession = Operation(
        id: "rateSession", tag: "Personas", summary: "Rates a session of the caller's that is over.",
        body: [
            "type": "object", "required": ["stars"],
            "properties": ["stars": ["type": "integer", "minimum": 1, "maximum": 5]],
        ], answers: [Answer(status: 200, meaning: "It is kept.", schema: reference("Object"))], errors: [503])

    static let createExperiment = Operation(
        id: "createExperiment", tag: "Experiments",
        summary: "Divides users between two personas: its id is chosen like a persona's.", parameters: [idempotencyKey],
        body: [
            "type": "object", "required": ["name", "persona_a", "persona_b"],
            "properties": [
                "name": APIDocument.text(100), "persona_a": ["type": "string", "minLength": 1],
                "persona_b": ["type": "string", "minLength": 1],
            ],
        ],
        answers: [Answer(status: 201, meaning: "It runs.", schema: reference("Experiment"), headers: ["Location"])],
        errors: [404, 409, 503])

    static let readExperiment = Operation(
        id: "readExperiment", tag: "Experiments", summary: "How both personas do.",
        answers: [Answer(status: 200, meaning: "The figures of both.", schema: reference("Experiment"))], errors: [503])

    static let variant = Operation(
        id: "readVariant", tag: "Experiments", summary: "Which persona the caller has in an experiment, for ever.",
        answers: [
            Answer(
                status: 200, meaning: "The variant.",
                schema: [
                    "type": "object", "required": ["experiment_id", "variant", "persona_id"],
                    "properties": [
                        "experiment_id": ["type": "string"], "variant": words(["a", "b"]),
                        "persona_id": ["type": "string"],
                    ],
                ])
        ], errors: [503])
}
