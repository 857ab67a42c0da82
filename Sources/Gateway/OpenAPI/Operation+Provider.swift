import JSON

// What the provider has for personas.
extension Operation {
    private static let failures = [502, 503]
    private static let url: JSONValue = [
        "type": "string", "maxLength": .integer(ProviderBody.maxURL), "pattern": "^https?://[!-~]*$",
    ]
    private static let optionalURL: JSONValue = [
        "type": ["string", "null"], "maxLength": .integer(ProviderBody.maxURL), "pattern": "^https?://[!-~]*$",
    ]

    static let listDocuments = Operation(
        id: "listDocuments", tag: "Provider", summary: "Documents that the provider has read, for personas to use.",
        parameters: [
            query("q", "With these words in name or id.", ["type": "string"]),
            query("search", "As q.", ["type": "string"]),
            query("tags", "With all of these tags, separated by commas.", ["type": "string"]),
            query("status", "In this state alone: ready, processing …", ["type": "string"]),
        ],
        answers: [
            Answer(
                status: 200, meaning: "The documents.", schema: ["type": "array", "items": reference("Document")])
        ], errors: failures + [422])

    static let listReplicas = Operation(
        id: "listReplicas", tag: "Provider", summary: "Likenesses that a persona can be shown with.",
        parameters: [
            query("all", "Also those that are not trained yet.", ["enum": ["0", "1", "false", "true"]])
        ],
        answers: [
            Answer(status: 200, meaning: "The replicas.", schema: ["type": "array", "items": reference("Replica")])
        ], errors: failures + [422])

    static let trainReplica = Operation(
        id: "trainReplica", tag: "Provider",
        summary: "Has a replica trained with a video; how far it is stands in the list of replicas with all=1.",
        body: [
            "type": "object", "required": ["replica_name", "train_video_url"],
            "properties": [
                "replica_name": APIDocument.text(ProviderBody.maxName), "train_video_url": url,
                "consent_video_url": optionalURL,
            ],
        ], answers: [Answer(status: 201, meaning: "Its training has begun.", schema: reference("Replica"))],
        errors: failures + [429])

    static let cloneVoice = Operation(
        id: "cloneVoice", tag: "Provider", summary: "Has a voice made of a recording, where that is enabled.",
        body: [
            "type": "object", "required": ["voice_name", "sample_url"],
            "properties": [
                "voice_name": APIDocument.text(ProviderBody.maxName), "sample_url": url, "consent_url": optionalURL,
            ],
        ], answers: [Answer(status: 201, meaning: "The voice.", schema: reference("Object"))],
        errors: failures + [429, 501])
}
