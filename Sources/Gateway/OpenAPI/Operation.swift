import JSON

/// What one route does, for people and for programs that are made from `/openapi.json`.
public struct Operation: Sendable {
    /// What is answered with one status.
    struct Answer: Sendable {
        let status: Int
        let meaning: String
        /// nil for an answer without a body.
        var schema: JSONValue?
        var type = "application/json"
        /// Names of headers, see `APIDocument.headers`.
        var headers: [String] = []
    }

    var id: String
    let tag: String
    var summary: String
    /// Something else takes its place.
    var isDeprecated = false
    var parameters: [JSONValue] = []
    /// The schema of a body.
    var body: JSONValue?
    var bodyType = "application/json"
    var answers: [Answer]
    /// Statuses of errors beside those that follow from the route itself.
    var errors: [Int] = []

    /// Refers to a schema of the document.
    static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }

    static func query(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }

    static func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "header", "description": .string(description), "schema": schema]
    }

    static let idempotencyKey = Self.header(
        "Idempotency-Key", "Makes a request safe to repeat for a day: the same key and body are answered the same.",
        ["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"])

    static let ifMatch = Self.header(
        "If-Match", "The ETag that was read; another one is answered with 412.",
        ["type": "string", "example": "\"1-local\""])

    static let window: [JSONValue] = [
        Self.query(
            "limit", "At most so many; 50 where it is not given.", ["type": "integer", "minimum": 1, "maximum": 100]),
        Self.query(
            "after", "The next of the part before.",
            ["type": "string", "pattern": "^[0-9]{1,16}\\.[A-Za-z0-9_]{1,100}$"]),
    ]
}
