import JSON
import Personas
import Studio

// The schemas say what is checked; limits come from where they are checked.
extension APIDocument {
    static let schemas: [String: JSONValue] = [
        "Error": Self.errorSchema, "ScenarioInput": Self.scenarioInput, "Scenario": Self.scenario,
        "ScenarioPage": Self.page(of: "Scenario"), "PersonaInput": Self.personaInput,
        "GeneratedPersonaInput": Self.generatedPersonaInput, "Persona": Self.persona,
        "Layers": Self.layers, "Tool": Self.tool, "ToolSchema": Self.toolSchema, "Figures": Self.figures,
        "Experiment": Self.experiment, "PersonaExport": Self.export, "Object": ["type": "object"],
        "Document": Self.document, "Replica": Self.replica,
        "ProviderPersona": Self.providerPersona, "ProviderStatus": Self.providerStatus,
        "ProviderPersonaDocument": Self.providerPersonaDocument,
    ]

    // A text with something to read in it.
    private static let visible = "[^\\s\\u0085\\u001c-\\u001f]"

    static func text(_ limit: Int, isOptional: Bool = false, isVisible: Bool = true) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": isOptional ? ["string", "null"] : "string", "maxLength": .integer(limit),
        ]
        if isVisible { schema["pattern"] = .string(self.visible) }
        return .object(schema)
    }

    private static func texts(_ count: Int, _ limit: Int) -> JSONValue {
        ["type": ["array", "null"], "maxItems": .integer(count), "items": self.text(limit)]
    }

    private static func words(_ words: [String], isOptional: Bool = false) -> JSONValue {
        ["enum": .array(words.map { .string($0) } + (isOptional ? [.null] : []))]
    }

    private static func object(
        _ properties: [String: JSONValue], required: [String] = []
    ) -> JSONValue {
        [
            "type": "object", "properties": .object(properties),
            "required": .array(required.map { .string($0) }),
        ]
    }

    private static let errorSchema = Self.object(
        [
            "type": ["const": "error"], "error": ["type": "string"], "message": ["type": "string"],
            "detail": ["type": "string"], "code": ["type": "string"], "request_id": ["type": "string"],
            "errors": [
                "type": "array",
                "items": Self.object(
                    ["field": ["type": "string"], "message": ["type": "string"]], required: ["field", "message"]),
            ],
        ], required: ["type", "error", "message", "detail", "code", "errors", "request_id"])

    private static let scenarioFields: [String: JSONValue] = [
        "title": Self.text(ScenarioInput.maxTitle), "description": Self.text(ScenarioInput.maxDescription),
        "category": Self.words(Category.allCases.map(\.rawValue)),
        "duration": [
            "type": "integer", "minimum": .integer(ScenarioInput.durations.lowerBound),
            "maximum": .integer(ScenarioInput.durations.upperBound), "description": "Minutes.",
        ],
        "difficulty": Self.words(Difficulty.allCases.map(\.rawValue), isOptional: true),
        "tags": Self.texts(ScenarioInput.maxTags, ScenarioInput.maxTag),
        "imageUrl": [
            "type": ["string", "null"], "maxLength": .integer(ScenarioInput.maxURL), "pattern": "^https?://",
        ],
    ]

    private static let scenarioInput: JSONValue = {
        var fields = Self.scenarioFields
        fields["persona"] = ["anyOf": [Operation.reference("PersonaInput"), ["type": "null"]]]
        return Self.object(fields, required: ["title", "description", "category", "duration"])
    }()

    private static let scenario: JSONValue = {
        var fields = Self.scenarioFields
        fields["id"] = ["type": "string"]
        fields["isCustom"] = ["type": "boolean"]
        fields["persona"] = Operation.reference("Persona")
        fields["warnings"] = ["type": "array", "items": ["type": "string"]]
        fields["documents"] = ["type": "array", "items": ["type": "object"]]
        for key in ["createdAt", "updatedAt"] { fields[key] = Self.time }
        return Self.object(
            fields,
            required: [
                "id", "title", "description", "category", "duration", "difficulty", "tags", "persona", "isCustom",
                "createdAt", "updatedAt",
            ])
    }()

    private static let document = Self.object(
        [
            "id": ["type": "string"], "name": ["type": "string"],
            "tags": ["type": "array", "items": ["type": "string"]],
            "created_at": ["type": ["string", "null"], "format": "date-time"],
        ], required: ["id", "name", "tags", "created_at"])

    private static let replica = Self.object(
        [
            "id": ["type": "string"], "name": ["type": "string"], "thumbnail_url": ["type": ["string", "null"]],
            "status": ["type": "string"], "training_progress": ["type": ["string", "null"]],
        ], required: ["id", "name", "thumbnail_url"])

    private static let time: JSONValue = ["type": "string", "format": "date-time"]

    private static func page(of schema: String) -> JSONValue {
        self.object(
            [
                "items": ["type": "array", "items": Operation.reference(schema)],
                "total": ["type": "integer", "minimum": 0], "next": ["type": ["string", "null"]],
            ], required: ["items", "total", "next"])
    }

    private static let personaFields: [String: JSONValue] = [
        "personaName": Self.text(PersonaInput.maxName, isOptional: true),
        "systemPrompt": Self.text(PersonaInput.maxPrompt, isOptional: true, isVisible: false),
        "pipelineMode": Self.words(PersonaConfig.Pipeline.allCases.map(\.rawValue), isOptional: true),
        "context": Self.text(PersonaInput.maxContext, isOptional: true, isVisible: false),
        "greeting": Self.text(PersonaInput.maxGreeting, isOptional: true),
        "language": [
            "type": ["string", "null"], "maxLength": 40,
            "pattern": .string("^(\(Language.names.joined(separator: "|"))|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)$"),
            "description": "A name or a tag of BCP 47, such as Hindi or en-IN.",
        ],
        "defaultReplicaId": Self.text(128, isOptional: true),
        "layers": ["anyOf": [Operation.reference("Layers"), ["type": "null"]]],
        "document_ids": Self.texts(PersonaInput.maxDocuments, 128),
        "document_tags": Self.texts(PersonaInput.maxDocumentTags, 128),
    ]

    private static let personaInput: JSONValue = {
        guard var schema = Self.object(Self.personaFields).object else { return .null }
        // Who thinks needs a prompt; who echoes does not.
        schema["anyOf"] = [
            ["properties": ["pipelineMode": ["const": "echo"]], "required": ["pipelineMode"]],
            [
                "properties": ["systemPrompt": ["type": "string", "pattern": .string(Self.visible)]],
                "required": ["systemPrompt"],
            ],
        ]
        return .object(schema)
    }()

    /// Longer than what people type; the provider is sent the beginning.
    private static let generatedPersonaInput: JSONValue = {
        var fields = Self.personaFields
        fields["systemPrompt"] = Self.text(PersonaInput.maxGeneratedPrompt)
        fields["truncate"] = ["const": true]
        return Self.object(fields, required: ["systemPrompt", "truncate"])
    }()

    private static let persona: JSONValue = {
        var fields = Self.personaFields
        fields["language"] = ["type": "string"]
        fields["personaId"] = ["type": "string"]
        fields["isSyncedRemote"] = ["type": "boolean"]
        fields["syncError"] = ["type": ["string", "null"]]
        fields["status"] = Self.words(SyncStatus.allCases.map(\.rawValue))
        fields["statusSource"] = Self.words(["derived", "provider"])
        fields["lastStatusAt"] = Self.time
        fields["updatePending"] = ["const": true]
        fields["updateError"] = ["type": "string"]
        return Self.object(
            fields,
            required: [
                "personaId", "pipelineMode", "layers", "document_ids", "document_tags", "isSyncedRemote", "syncError",
            ])
    }()

    private static let layers: JSONValue = [
        "type": "object",
        "properties": .object(
            LayerRules.schema(tool: Operation.reference("Tool")).mapValues {
                ["type": ["object", "null"], "properties": .object($0)]
            }),
        "additionalProperties": ["type": ["object", "null"]],
    ]

    private static let toolFields: [String: JSONValue] = [
        "name": ["type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"],
        "description": Self.text(FunctionTool.maxDescription, isOptional: true, isVisible: false),
        "parameters": [
            "anyOf": [
                [
                    "type": "object", "properties": ["type": ["const": "object"]],
                    "allOf": [Operation.reference("ToolSchema")],
                ],
                ["type": "null"],
            ]
        ],
    ]

    private static let tool: JSONValue = {
        let type: JSONValue = ["enum": ["function", .null]]
        let flat = Self.toolFields.merging(["type": type, "function": ["type": "null"]]) { $1 }
        return [
            "anyOf": [
                Self.object(flat, required: ["name"]),
                Self.object(
                    ["type": type, "function": Self.object(Self.toolFields, required: ["name"])], required: ["function"]
                ),
            ]
        ]
    }()

    /// The part of JSON Schema that is checked.
    private static let toolSchema: JSONValue = {
        let types: JSONValue = [
            "enum": ["object", "array", "string", "number", "integer", "boolean", "null"]
        ]
        return Self.object([
            "type": ["anyOf": [types, ["type": "array", "minItems": 1, "items": types]]],
            "properties": ["type": "object", "additionalProperties": Operation.reference("ToolSchema")],
            "items": Operation.reference("ToolSchema"), "required": ["type": "array", "items": ["type": "string"]],
        ])
    }()

    private static let figures = Self.object(
        [
            "persona_id": ["type": "string"], "sessions": ["type": "integer"], "completions": ["type": "integer"],
            "completion_rate": ["type": ["number", "null"], "minimum": 0, "maximum": 1],
            "mean_duration_seconds": ["type": ["number", "null"], "minimum": 0], "ratings": ["type": "integer"],
            "mean_rating": ["type": ["number", "null"], "minimum": 1, "maximum": 5],
        ],
        required: [
            "persona_id", "sessions", "completions", "completion_rate", "mean_duration_seconds", "ratings",
            "mean_rating",
        ])

    private static let experiment = Self.object(
        [
            "experiment_id": ["type": "string"], "name": ["type": "string"], "created_at": Self.time,
            "variants": Self.object(
                ["a": Operation.reference("Figures"), "b": Operation.reference("Figures")], required: ["a", "b"]),
        ], required: ["experiment_id", "name", "created_at", "variants"])

    private static let export: JSONValue = {
        var scenario = Self.scenarioFields
        scenario["persona"] = ["type": "null"]
        return Self.object(
            [
                "format": ["const": .string(PersonaExport.format)],
                "version": ["const": .integer(PersonaExport.version)],
                "persona": Operation.reference("PersonaInput"),
                "scenario": [
                    "anyOf": [
                        Self.object(scenario, required: ["title", "description", "category", "duration"]),
                        ["type": "null"],
                    ]
                ],
            ], required: ["format", "version", "persona"])
    }()
}
