import Foundation
import JSON
import Personas
import Studio
import Transport

/// People of a scenario: generated, posted, read, edited.
struct PersonaMakingRoutes: Sendable {
    private static let prompts = ["prompt", "learn_prompt"]
    let studio: PersonaStudio

    var routes: [Route] {
        let limit = Route.documentLimit
        return [
            Route("POST", "/generate-personas", bodyLimit: limit, docs: .generatePersonas) {
                try await self.generate($0)
            },
            Route("POST", "/scenario/generate-personas", bodyLimit: limit, docs: .generateScenarioPersonas) {
                try await self.generate($0)
            },
            Route("POST", "/generate-personas-from-template", bodyLimit: limit, docs: .generateBothPersonas) {
                try await self.generateBoth($0)
            },
            Route("POST", "/api/personas", bodyLimit: limit, docs: .postPersona) { try await self.post($0) },
            Route("POST", "/personas", bodyLimit: limit) { try await self.post($0) },
            Route("POST", "/personas/", bodyLimit: limit) { try await self.post($0) },
            Route("GET", "/persona/{id}", docs: .readGeneratedPersona) { try await self.show($0) },
            Route("PUT", "/persona/{id}", bodyLimit: limit, docs: .replaceGeneratedPersona) {
                try await self.replace($0)
            },
        ]
    }

    private func generate(_ request: RouteRequest) async throws -> HTTPResponse {
        let input = try GenerationInput(try request.object())
        let template = try await self.studio.template(input.templateID, request.caller)
        let personas = try await self.studio.personas(
            input.count, input.request, of: ScenarioFacts(template), owner: request.owner)
        return .json([
            "template_id": .string(template.id.rawValue), "mode": .string(input.request.mode.rawValue),
            "count": .integer(personas.count), "persona": personas.first?.json ?? .null,
            "personas": .array(personas.map(\.json)),
        ])
    }

    private func generateBoth(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        let faults = ["template_id", "gender", "context", "prompt"].filter {
            members[$0].map { $0.string == nil } ?? false
        }
        guard faults.isEmpty else {
            throw ErrorResponse.invalid(faults.map { .init(field: $0, message: "must be a text") })
        }
        let facts = try await self.studio.facts(members, request.caller)
        let both = try await self.studio.personas(
            fromTemplate: facts, gender: members["gender"]?.string.flatMap { $0.isEmpty ? nil : $0 },
            context: (members["context"] ?? members["prompt"])?.string, owner: request.owner)
        return .json(["learn_mode_expert": both.expert.json, "assess_mode_character": both.character.json])
    }

    /// A persona that somebody has written, of the present or of the older shape; keys that nobody here knows are kept.
    private func post(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        let persona = GeneratedPersona(id: GeneratedPersona.newID(), members: members)
        try self.check(persona)
        try await self.studio.store.create([persona], of: request.owner, at: .nowInMilliseconds)
        return .json(persona.json, status: 201, headers: [("location", "/persona/\(persona.id)")])
    }

    private func check(_ persona: GeneratedPersona) throws {
        var faults: [ErrorResponse.FieldError] = []
        let (texts, objects) = (
            ["name", "role", "system_prompt"] + Self.prompts, ["persona_details", "detail_categories"]
        )
        if !texts.contains(where: { persona[$0]?.string != nil }),
            !objects.contains(where: { persona[$0]?.object != nil })
        {
            faults.append(.init(field: "name", message: "is required, or persona_details"))
        }
        for field in texts + ["description"] {
            if let value = persona[field], !value.isNull, value.string == nil {
                faults.append(.init(field: field, message: "must be a text"))
            }
        }
        for field in objects {
            if let value = persona[field], !value.isNull, value.object == nil {
                faults.append(.init(field: field, message: "must be an object"))
            }
        }
        for field in Self.prompts {
            guard let prompt = persona[field]?.string, prompt.unicodeScalars.count > PromptWriter.maxScalars else {
                continue
            }
            faults.append(.init(field: field, message: "has more than \(PromptWriter.maxScalars) characters"))
        }
        guard faults.isEmpty else { throw ErrorResponse.invalid(faults) }
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        .json(try await self.studio.persona(request.parameters["id"], request.caller).json)
    }

    private func replace(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        let present = try await self.studio.persona(request.parameters["id"], request.caller)
        let persona = GeneratedPersona(id: present.id, members: members)
        try self.check(persona)
        try await self.studio.store.replace(persona, of: request.owner, at: .nowInMilliseconds)
        return .json(persona.json)
    }
}
