import JSON

/// The whole HTTP surface as an OpenAPI 3.1 document, made from the routes themselves: what has no route is not in it,
/// and a route without a description does not build one.
struct APIDocument {
    let version: String
    let routes: [Route]
    /// Whether tokens are asked for.
    let asksForTokens: Bool

    var json: JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in self.routes {
            guard let operation = route.docs else { continue }
            paths[route.template, default: [:]][route.method.lowercased()] = self.operation(operation, of: route)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Vaani", "version": .string(self.version),
                "description":
                    "Beside the voice endpoints /ws-mobile/{user} and /ws/{user}, which docs/protocol.md describes.",
            ],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(Self.schemas), "headers": .object(Self.headers),
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]],
            ],
        ]
    }

    private func operation(_ operation: Operation, of route: Route) -> JSONValue {
        var members: [String: JSONValue] = [
            "operationId": .string(operation.id), "summary": .string(operation.summary),
            "tags": [.string(operation.tag)], "responses": .object(self.responses(operation, of: route)),
        ]
        let parameters = Self.pathParameters(route.template) + operation.parameters
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = operation.body {
            members["requestBody"] = [
                "required": true, "content": .object([operation.bodyType: ["schema": body]]),
            ]
        }
        if operation.isDeprecated { members["deprecated"] = true }
        if route.access != .everyone, self.asksForTokens { members["security"] = [["token": []]] }
        return .object(members)
    }

    private func responses(_ operation: Operation, of route: Route) -> [String: JSONValue] {
        var responses: [String: JSONValue] = [:]
        for answer in operation.answers {
            var members: [String: JSONValue] = ["description": .string(answer.meaning)]
            if let schema = answer.schema {
                // One status may have answers of several types.
                var content = responses[String(answer.status)]?["content"]?.object ?? [:]
                content[answer.type] = ["schema": schema]
                members["content"] = .object(content)
            }
            if !answer.headers.isEmpty {
                members["headers"] = .object(
                    Dictionary(
                        uniqueKeysWithValues: answer.headers.map {
                            ($0, ["$ref": .string("#/components/headers/\($0)")] as JSONValue)
                        }))
            }
            responses[String(answer.status)] = .object(members)
        }
        for status in self.errors(operation, of: route) { responses[String(status)] = Self.error(status) }
        return responses
    }

    private func errors(_ operation: Operation, of route: Route) -> [Int] {
        var errors = operation.errors
        if route.access != .everyone { errors += [400, 401, 403] }
        if route.template.contains("{") { errors.append(404) }
        if operation.body != nil { errors += [400, 413, 415, 422] }
        return errors
    }

    private static func pathParameters(_ template: String) -> [JSONValue] {
        template.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            [
                "name": .string(String(segment.dropFirst().dropLast())), "in": "path", "required": true,
                "schema": ["type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"],
            ]
        }
    }

    private static func error(_ status: Int) -> JSONValue {
        let meanings = [
            400: "The request cannot be read.", 401: "There is no token, or one that is not taken.",
            403: "Not for this caller, or not for pages of this origin.",
            404: "There is nothing of that id, or it is somebody else's.", 409: "It is there already.",
            412: "It was changed since it was read.", 413: "The body is too large.", 415: "The body is no JSON.",
            422: "Fields are wrong; errors names every one.", 429: "Too often; Retry-After says when to come back.",
            501: "This server has nothing of the kind.", 502: "The provider failed.", 503: "Not now; try again later.",
        ]
        return [
            "description": .string(meanings[status] ?? "An error."),
            "content": ["application/json": ["schema": Operation.reference("Error")]],
        ]
    }

    static let headers: [String: JSONValue] = [
        "ETag": ["description": "The version of what is answered.", "schema": ["type": "string"]],
        "Location": ["description": "Where what was made can be read.", "schema": ["type": "string"]],
    ]
}
