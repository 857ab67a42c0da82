import JSON

// Health, administration, and the personas of the product.
extension Operation {
    private static func object(_ id: String, _ tag: String, _ summary: String, errors: [Int] = []) -> Operation {
        Operation(
            id: id, tag: tag, summary: summary,
            answers: [Answer(status: 200, meaning: "The answer.", schema: reference("Object"))], errors: errors)
    }

    private static func verdict(_ id: String, _ summary: String) -> Operation {
        Operation(
            id: id, tag: "Service", summary: summary,
            answers: [
                Answer(status: 200, meaning: "Yes.", schema: reference("Object")),
                Answer(status: 503, meaning: "No; reasons says why.", schema: reference("Object")),
            ])
    }

    private static func text(_ id: String, _ summary: String, type: String) -> Operation {
        Operation(
            id: id, tag: "Service", summary: summary,
            answers: [Answer(status: 200, meaning: "The text.", schema: ["type": "string"], type: type)])
    }

    static let front: Operation = {
        var operation = Operation.text(
            "readFront", "What this is: a page for browsers, a text for others.", type: "text/plain")
        operation.answers[0].type = "text/plain"
        return operation
    }()
    static let liveness = verdict("readLiveness", "Whether the process should go on living.")
    static let readiness = verdict("readReadiness", "Whether new sessions should be sent here.")
    static let ready = verdict("readReady", "As /readyz.")
    static let health = object("readHealth", "Service", "Name and version.")
    static let healthz = object("readHealthz", "Service", "As /health.")
    static let chatHealth = object("readChatHealth", "Service", "How many sessions are open.")
    static let version = object("readVersion", "Service", "Name and version.")
    static let metrics = text("readMetrics", "Figures for Prometheus.", type: "text/plain")
    static let status = object("readStatus", "Service", "Sessions, model, personas, version.")
    static let description = object("readOpenAPI", "Service", "This document.")

    static let sessions = object("listSessions", "Administration", "Sessions that are open.")
    static let limits = object("readLimits", "Administration", "What is let in.")
    static let endSession = Operation(
        id: "endSession", tag: "Administration", summary: "Ends a session.",
        answers: [Answer(status: 204, meaning: "It is told to end.")])

    private static let filters: [JSONValue] = ["language", "gender", "speciality", "category", "status", "active_only"]
        .map {
            query($0, "Those of this \($0) alone.", ["type": "string"])
        }

    static let listPersonas: Operation = {
        var operation = object("listPersonas", "Personas", "The personas of the product, and the caller's own.")
        operation.parameters =
            filters + [
                query(
                    "kind", "Of this kind alone.",
                    ["enum": ["astrologer", "scenario", "generated", "provider", "role", "self"]]),
                query("q", "With these words in name, field, card or keywords.", ["type": "string"]),
            ]
        return operation
    }()
    static let readPersona = object("readPersona", "Personas", "One persona, whole.", errors: [503])
    static let compiledPersona: Operation = {
        var operation = object(
            "compilePersona", "Personas", "What a voice session is told of a persona, with its hash.", errors: [503])
        operation.parameters = [query("mode", "A mode of the persona.", ["type": "string"])]
        return operation
    }()
    static let reloadPersonas = Operation(
        id: "reloadPersonas", tag: "Personas", summary: "Reads the persona files again.",
        answers: [
            Answer(status: 200, meaning: "They are in force.", schema: reference("Object")),
            Answer(status: 422, meaning: "A file is broken: the old ones stay.", schema: reference("Object")),
        ])
    static let listAstrologers: Operation = {
        var operation = object("listAstrologers", "Astrologers", "Astrologers, as apps list them.")
        operation.parameters = filters
        return operation
    }()
    static let astrologerSummary = object("summarizeAstrologers", "Astrologers", "How many there are of each language.")
    static let readAstrologer = object("readAstrologer", "Astrologers", "One astrologer.")
    static let matchAstrologer = Operation(
        id: "matchAstrologer", tag: "Astrologers", summary: "Whose field a question belongs to.",
        body: [
            "type": "object", "required": ["query"],
            "properties": [
                "query": ["type": "string", "minLength": 1, "maxLength": 4_000],
                "language": ["type": ["string", "null"]],
            ],
        ], answers: [Answer(status: 200, meaning: "The best match, or null.", schema: reference("Object"))])
}
