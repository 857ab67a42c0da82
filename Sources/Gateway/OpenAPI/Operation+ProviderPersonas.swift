import JSON
import Studio

// Personas at the provider.
extension Operation {
    private static let progress = Answer(
        status: 200, meaning: "How far it is.", schema: Operation.reference("ProviderStatus"))

    // Where the persona is a member of the body, the rest of the body says nothing.
    private static let alone: JSONValue = [
        "properties": ["personaInput": ["type": "null"], "persona_input": ["type": "null"]]
    ]

    static let createProviderPersona = Operation(
        id: "createProviderPersona", tag: "Provider",
        summary: """
            Keeps a persona that stands alone, and has it made at the provider in the background. The body may also be \
            the member personaInput of another object.
            """,
        parameters: [idempotencyKey],
        body: [
            "anyOf": [
                ["allOf": [reference("PersonaInput"), alone]],
                [
                    "type": "object", "required": ["personaInput"],
                    "properties": ["personaInput": reference("PersonaInput")],
                ],
                ["allOf": [reference("GeneratedPersonaInput"), alone]],
            ]
        ],
        answers: [Answer(status: 200, meaning: "It is kept and queued.", schema: reference("ProviderPersona"))],
        errors: [409, 429, 503])

    static let providerPersonaStatus = Operation(
        id: "readProviderPersonaStatus", tag: "Provider",
        summary: "How far the provider is with a persona of the caller's, after one look there.",
        answers: [progress], errors: [503])

    static let retryProviderPersona = Operation(
        id: "retryProviderPersona", tag: "Provider",
        summary: "Has a persona that failed, or whose change failed, tried again from the beginning.",
        answers: [progress], errors: [409, 503])

    static let deleteProviderPersona = Operation(
        id: "deleteProviderPersona", tag: "Provider",
        summary: "Takes out a persona of the caller's that belongs to no scenario, here and at the provider.",
        answers: [Answer(status: 204, meaning: "It is gone here, and will be there.")], errors: [409, 503])

    static let readProviderPersona = Operation(
        id: "readProviderPersona", tag: "Provider",
        summary: "A persona of the caller's with everything that its author said, in snake case.",
        answers: [
            Answer(
                status: 200, meaning: "The persona.", schema: reference("ProviderPersonaDocument"), headers: ["ETag"])
        ], errors: [503])

    static let changeProviderPersona = Operation(
        id: "changeProviderPersona", tag: "Provider",
        summary: """
            Changes a persona of the caller's by a JSON Patch (RFC 6902) of the document that is read here, with add, \
            remove, replace and test; the provider is brought up to date in the background.
            """,
        parameters: [ifMatch],
        body: [
            "type": "array", "maxItems": .integer(JSONPatch.Limits.careful.count),
            "items": [
                "type": "object", "required": ["op", "path"],
                "properties": [
                    "op": ["enum": ["add", "remove", "replace", "test"]],
                    "path": ["type": "string", "pattern": "^(/[^/]{0,100}){0,16}$"], "value": [:],
                ],
                "anyOf": [["properties": ["op": ["const": "remove"]]], ["required": ["value"]]],
            ],
        ], bodyType: "application/json-patch+json",
        answers: [
            Answer(
                status: 200, meaning: "It is kept.", schema: reference("ProviderPersonaDocument"), headers: ["ETag"])
        ], errors: [412, 429, 503])

    static let syncPersonas = Operation(
        id: "syncPersonas", tag: "Provider",
        summary: "Looks now at what waits at the provider for the caller, as when an app comes to the front.",
        answers: [
            Answer(
                status: 200, meaning: "How many wait.",
                schema: [
                    "type": "object", "required": ["pending"],
                    "properties": ["pending": ["type": "integer", "minimum": 0]],
                ])
        ], errors: [503])
}

extension APIDocument {
    static let providerPersona: JSONValue = [
        "type": "object", "required": ["persona_id", "persona_name", "created_at", "status"],
        "properties": [
            "persona_id": ["type": "string"], "persona_name": ["type": ["string", "null"]],
            "created_at": ["type": "string", "format": "date-time"], "status": Self.syncStatuses,
            "warnings": ["type": "array", "items": ["type": "string"]],
        ],
    ]

    /// What it has beyond what is always there is its author's.
    static let providerPersonaDocument: JSONValue = [
        "type": "object", "required": ["persona_id", "created_at", "pipeline_mode", "layers"],
        "properties": [
            "persona_id": ["type": "string"], "created_at": ["type": "string", "format": "date-time"],
            "status": Self.syncStatuses, "last_status_at": ["type": "string", "format": "date-time"],
            "error": ["type": "string"], "pipeline_mode": ["enum": ["full", "echo"]], "layers": ["type": "object"],
        ],
    ]

    static let providerStatus: JSONValue = [
        "type": "object", "required": ["persona_id", "status", "last_status_at"],
        "properties": [
            "persona_id": ["type": "string"], "status": Self.syncStatuses,
            "last_status_at": ["type": "string", "format": "date-time"],
            "error": ["type": "string", "description": "Why it failed; there while status is error."],
        ],
    ]

    private static let syncStatuses: JSONValue = ["enum": .array(SyncStatus.allCases.map { .string($0.rawValue) })]
}
