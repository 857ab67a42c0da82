import JSON
import Studio
import Transport

/// Prompts at once, for one persona or for a whole scenario.
struct PromptRoutes: Sendable {
    /// RFC 9745: since when the first version is deprecated, and RFC 8288: what takes its place.
    private static let successor = "/scenario/v2/generate-final-prompts"
    private static let deprecation = [
        ("deprecation", "@1767225600"), ("link", "<\(Self.successor)>; rel=\"successor-version\""),
    ]
    let studio: PersonaStudio
    /// Whether the first version sends its callers on, with their method and body.
    let redirectsFirstVersion: Bool

    var routes: [Route] {
        let limit = Route.documentLimit
        return [
            Route("POST", "/generate-prompts", bodyLimit: limit, docs: .generatePrompt) { try await self.write($0) },
            Route("POST", "/scenario/generate-prompts", bodyLimit: limit) { try await self.write($0) },
            Route("POST", "/generate-final-prompts", bodyLimit: limit, docs: .generateFinalPrompts) {
                try await self.writeAll($0)
            },
            Route("POST", "/scenario/generate-final-prompts", bodyLimit: limit, docs: .generateScenarioFinalPrompts) {
                try await self.writeAll($0)
            },
        ]
    }

    private func write(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        let facts = try await self.studio.facts(members, request.caller)
        guard let persona = try await self.persona(members, request) else {
            throw ErrorResponse.invalid([.init(field: "persona_id", message: "is required, or persona")])
        }
        let mode = persona.mode ?? .assess
        let prompt = await self.studio.writer.writeOrFallBack(persona, facts, mode, payer: request.owner)
        return .json([
            "system_prompt": .string(prompt.text), "mode": .string(mode.rawValue),
            "prompt_length": .integer(prompt.text.unicodeScalars.count), "persona_name": .string(persona.name),
            "generated_by": .string(prompt.generatedBy), "fallback": .bool(prompt.isFallback),
        ])
    }

    private func writeAll(_ request: RouteRequest) async throws -> HTTPResponse {
        if self.redirectsFirstVersion {
            return HTTPResponse(
                status: 308, headers: Self.deprecation + [("location", Self.successor)], body: .bytes([]))
        }
        let members = try request.objectOfAnyType()
        let facts = try await self.studio.facts(members, request.caller)
        let persona = try await self.persona(members, request)
        let prompts = await self.studio.finalPrompts(facts, persona: persona, owner: request.owner)
        return .json(prompts, headers: Self.deprecation)
    }

    private func persona(_ members: [String: JSONValue], _ request: RouteRequest) async throws -> GeneratedPersona? {
        if let name = members["persona_id"]?.string { return try await self.studio.persona(name, request.caller) }
        return members["persona"]?.object.map { GeneratedPersona(id: GeneratedPersona.newID(), members: $0) }
    }
}
