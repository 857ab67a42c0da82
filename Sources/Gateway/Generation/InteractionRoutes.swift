import Foundation
import JSON
import Personas
import Studio
import Transport

/// How personas appear to learners.
struct InteractionRoutes: Sendable {
    private static let ownKeys = ["id", "mode", "persona_id", "system_prompt", "created_at"]
    let store: any GenerationStore

    var routes: [Route] {
        let path = "/avatar-interactions"
        return [
            Route("POST", path, bodyLimit: Route.documentLimit, docs: .createInteraction) {
                try await self.create($0)
            },
            Route("GET", path, docs: .listInteractions) { try await self.list($0) },
            Route("GET", "\(path)/{id}", docs: .readInteraction) { .json(try await self.find($0).json) },
            Route("PUT", "\(path)/{id}", bodyLimit: Route.documentLimit, docs: .replaceInteraction) {
                try await self.replace($0)
            },
            Route("DELETE", "\(path)/{id}", docs: .deleteInteraction) { try await self.delete($0) },
        ]
    }

    private func find(_ request: RouteRequest) async throws -> AvatarInteraction {
        try await self.store.interaction(try request.recordID(), of: request.owner)
    }

    private func list(_ request: RouteRequest) async throws -> HTTPResponse {
        .json(try await self.store.interactions(of: request.owner, try request.window()).json { $0.json })
    }

    private func create(_ request: RouteRequest) async throws -> HTTPResponse {
        let interaction = try await self.read(request, id: RecordID.new("int"), createdAt: .nowInMilliseconds)
        let response = HTTPResponse.json(
            interaction.json, status: 201, headers: [("location", "/avatar-interactions/\(interaction.id)")])
        return try await request.making(response) { answer throws(StoreError) in
            try await self.store.create(interaction, answering: answer)
        }
    }

    private func replace(_ request: RouteRequest) async throws -> HTTPResponse {
        let present = try await self.find(request)
        let interaction = try await self.read(request, id: present.id, createdAt: present.createdAt)
        try await self.store.replace(interaction)
        return .json(interaction.json)
    }

    private func delete(_ request: RouteRequest) async throws -> HTTPResponse {
        try await self.store.deleteInteraction(try request.recordID(), of: request.owner)
        return HTTPResponse(status: 204)
    }

    private func read(
        _ request: RouteRequest, id: RecordID, createdAt: Date
    ) async throws -> AvatarInteraction {
        let members = try request.object()
        var faults: [ErrorResponse.FieldError] = []
        let mode = members["mode"]?.string.flatMap { GenerationMode(rawValue: $0) }
        if mode == nil { faults.append(.init(field: "mode", message: "must be learn_mode, assess_mode or try_mode")) }
        let prompt = members["system_prompt"] ?? .null
        if !prompt.isNull, prompt.string == nil {
            faults.append(.init(field: "system_prompt", message: "must be a text"))
        }
        let persona = try await self.persona(members["persona_id"] ?? .null, request, &faults)
        guard faults.isEmpty, let mode else { throw ErrorResponse.invalid(faults) }
        return AvatarInteraction(
            id: id, owner: request.owner, mode: mode, personaID: persona, systemPrompt: prompt.string,
            body: members.filter { !Self.ownKeys.contains($0.key) }, createdAt: createdAt)
    }

    private func persona(
        _ value: JSONValue, _ request: RouteRequest, _ faults: inout [ErrorResponse.FieldError]
    ) async throws -> PersonaID? {
        guard !value.isNull else { return nil }
        let persona = try await found { () throws(StoreError) in
            guard let id = value.string.flatMap({ PersonaID($0) }) else { throw StoreError(.notFound, "no id") }
            return try await self.store.generatedPersona(id, of: request.owner)
        }
        if persona == nil { faults.append(.init(field: "persona_id", message: "names no persona of yours")) }
        return persona?.id
    }
}
