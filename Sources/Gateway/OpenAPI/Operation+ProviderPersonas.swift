import JSON
import Studio

// Personas at the provider.
extension Operation {
    private static let progress = Answer(
        status: 200, meaning: "How far it is.", schema: Operation.reference("ProviderStatus"))

    static let createProviderPersona = Operation(
        id: "createProviderPersona", tag: "Provider",
        summary: """
            Keeps a persona that stands alone, and has it made at the provider in the background. The body may also be \
            the member personaInput of another object.
            """,
        parameters: [idempotencyKey],
        body: [
            "anyOf": [
                reference("PersonaInput"),
                [
                    "type": "object", "required": ["personaInput"],
                    "properties": ["personaInput": reference("PersonaInput")],
                ],
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
        answers: [Answer(status: 204, meaning: "It is gone here, and will be there.")], errors: [503])

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
