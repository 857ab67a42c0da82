import JSON

// Interviews and the persona that they write.
extension Operation {
    private static let sessionBody: JSONValue = [
        "type": "object", "required": ["sessionId"], "properties": ["sessionId": ["type": "string", "minLength": 1]],
    ]

    private static func body(_ properties: [String: JSONValue], _ required: [String]) -> JSONValue {
        let all = properties.merging(["sessionId": ["type": "string", "minLength": 1]]) { $1 }
        return [
            "type": "object", "required": .array((["sessionId"] + required).map { .string($0) }),
            "properties": .object(all),
        ]
    }

    private static func step(
        _ id: String, _ summary: String, body: JSONValue?, meaning: String = "Where the interview is."
    ) -> Operation {
        Operation(
            id: id, tag: "Interviews", summary: summary, body: body,
            answers: [Answer(status: 200, meaning: meaning, schema: reference("Object"))],
            errors: body == nil ? [400, 403, 413, 415, 422, 503] : [403, 404, 409, 503])
    }

    static let startInterview = Self.step(
        "startInterview",
        "Goes on with the caller's interview, or begins one: language, trainingConsent and overrides are for a new one. The"
            + " body may be left out.", body: nil)
    static let answerInterview = Self.step(
        "answerInterview", "Answers the open question, or the one that questionId names; tells the next one.",
        body: Self.body(
            ["answer": ["type": "string", "minLength": 1], "questionId": ["type": ["string", "null"]]], ["answer"]))
    static let updateAnswer = Self.step(
        "updateAnswer", "Replaces an answer.",
        body: Self.body(
            ["answer": ["type": "string", "minLength": 1], "questionId": ["type": "string", "minLength": 1]],
            ["answer", "questionId"]))
    static let pauseInterview = Self.step("pauseInterview", "Says that the caller comes back later.", body: sessionBody)
    static let resumeInterview = Self.step("resumeInterview", "Goes on at the open question.", body: sessionBody)
    static let discardInterview = Self.step(
        "discardInterview", "Ends an interview without a result; deleteTranscript also takes out what was said.",
        body: Self.body(["deleteTranscript": ["type": ["boolean", "null"]]], []))

    private static func end(_ id: String, _ summary: String, _ properties: [String: JSONValue]) -> Operation {
        Operation(
            id: id, tag: "Interviews", summary: summary, parameters: [ifMatch], body: Self.body(properties, []),
            answers: [
                Answer(
                    status: 200, meaning: "Draft, confidence and difference.", schema: reference("Object"),
                    headers: ["ETag"])
            ], errors: [403, 404, 409, 412, 503])
    }

    static let finalizeInterview = Self.end(
        "finalizeInterview",
        "Sums the answers up, once, and shows the difference to the caller's persona; changes it only with apply.",
        ["apply": ["type": ["boolean", "null"]], "trainingConsent": ["type": ["boolean", "null"]]])
    static let applyInterview = Self.end(
        "applyInterview", "Puts the draft of a finalized interview into the caller's persona.", [:])

    private static func reading(
        _ id: String, _ summary: String
    ) -> Operation {
        Operation(
            id: id, tag: "Interviews", summary: summary,
            answers: [Answer(status: 200, meaning: "The document.", schema: reference("Object"))], errors: [422, 503])
    }

    static let listInterviews = Self.reading("listInterviews", "The caller's interviews, the newest last.")
    static let readInterview = Self.reading("readInterview", "One interview with its questions and answers.")
    static let readInterviewSummary = Self.reading("readInterviewSummary", "What an interview was summed up to.")
    static let readFacets = Self.reading("readFacets", "Facets that the answers propose; nothing is changed.")
    static let interviewStats = Self.reading("readInterviewStats", "How many interviews began, and how they ended.")
    static let trainingExport = Operation(
        id: "exportTraining", tag: "Interviews",
        summary: "The interviews that the caller lets a model learn from, as JSON or as JSON lines.",
        parameters: [query("format", "json or jsonl.", ["enum": ["json", "jsonl"]])],
        answers: [
            Answer(status: 200, meaning: "The interviews.", schema: reference("Object")),
            Answer(status: 200, meaning: "The interviews.", schema: ["type": "string"], type: "application/x-ndjson"),
        ], errors: [422, 503])

    static let readPersonaCore = Operation(
        id: "readPersonaCore", tag: "Persona core",
        summary: "The caller's own persona; an empty object where there is none.",
        answers: [
            Answer(status: 200, meaning: "The core.", schema: reference("Object"), headers: ["ETag"]),
            Answer(status: 304, meaning: "If-None-Match names this very version.", headers: ["ETag"]),
        ], errors: [503])

    static let savePersonaCore = Operation(
        id: "savePersonaCore", tag: "Persona core",
        summary: "Puts another core in the place of the caller's, byte for byte; a copy of the old one is kept.",
        parameters: [ifMatch], body: reference("Object"),
        answers: [Answer(status: 200, meaning: "It is kept.", schema: reference("Object"), headers: ["ETag"])],
        errors: [403, 412, 503])

    static let compiledSelf = Operation(
        id: "readCompiledSelf", tag: "Persona core",
        summary: "What a session with the caller's own persona would be told.",
        parameters: [
            query("includePersonaSummary", "Whether what the caller said of themselves is in it.", ["type": "boolean"])
        ],
        answers: [Answer(status: 200, meaning: "The compiled persona.", schema: reference("Object"))],
        errors: [404, 422, 503])

    static let extractPersona = Operation(
        id: "extractPersona", tag: "Persona core",
        summary: "Makes a draft of questions and answers, as an interview would; keeps nothing.",
        body: [
            "type": "object", "required": ["transcript"],
            "properties": [
                "transcript": [
                    "type": "array", "minItems": 1, "maxItems": 200,
                    "items": [
                        "type": "object", "required": ["answer"],
                        "properties": [
                            "question": ["type": ["string", "null"]], "answer": ["type": "string", "maxLength": 5_000],
                        ],
                    ],
                ]
            ],
        ],
        answers: [Answer(status: 200, meaning: "The draft.", schema: reference("Object"))], errors: [503])
}
