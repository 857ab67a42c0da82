import Foundation
import JSON
import Personas
import Studio
import Transport

/// What a user can do with a persona beyond looking at it: tools, sharing, figures.
struct OwnPersonaRoutes: Sendable {
    let store: any StudioStore
    let own: OwnPersonas
    let scenarios: ScenarioRoutes
    let provider: ProviderAccess
    /// The personas of the product, whose figures everybody may see.
    let catalog: @Sendable () -> PersonaCatalog

    var routes: [Route] {
        let path = "/api/personas/{id}"
        return [
            Route("POST", "\(path)/tools", bodyLimit: Route.documentLimit, docs: .addTool) {
                try await self.addTool($0)
            },
            Route("GET", "\(path)/stats", docs: .personaStats) { try await self.stats($0) },
            Route("GET", "\(path)/export", docs: .exportPersona) { try await self.export($0) },
            Route("POST", "/api/personas/import", bodyLimit: Route.documentLimit, docs: .importPersona) {
                try await self.take($0)
            },
            Route("DELETE", path, docs: .deletePersona) { try await self.delete($0) },
            Route("POST", "/api/sessions/{id}/rating", bodyLimit: Route.documentLimit, docs: .rateSession) {
                try await self.rate($0)
            },
        ]
    }

    /// A persona of the caller's.
    private func find(_ request: RouteRequest) async throws -> StoredPersona {
        let name = request.parameters["id"] ?? ""
        guard let found = try await self.own.persona(name, of: request.caller.user.rawValue) else {
            throw ErrorResponse.noSuchRecord
        }
        return found
    }

    /// A function of the same name is replaced.
    private func addTool(_ request: RouteRequest) async throws -> HTTPResponse {
        let tool = try FunctionTool(.object(try request.object()))
        var record = try await self.find(request).record
        var tools = record.config.tools.filter { FunctionTool.name(of: $0) != tool.name }
        guard tools.count < LayerRules.maxTools else {
            throw ErrorResponse.invalid([
                .init(field: "llm.tools", message: "has \(tools.count) members, and \(LayerRules.maxTools) is the most")
            ])
        }
        tools.append(tool.json)
        record.config.tools = tools
        record.updatedAt = .nowInMilliseconds
        let changed = record
        let response = HTTPResponse.json(
            ["persona_id": .string(record.id.rawValue), "tool": tool.json, "tools": .array(tools)], status: 201)
        let order = self.provider.order(for: changed, at: changed.updatedAt, isForNew: false)
        // The version that was read: two tools that come at once must not lose one another.
        let told = try await request.making(response) { answer throws(StoreError) in
            try await self.store.replaceConfig(
                of: changed, queueing: order, version: changed.version, answering: answer)
        }
        await self.provider.placed(changed.sync == nil ? nil : order, by: request, told)
        return told
    }

    private func stats(_ request: RouteRequest) async throws -> HTTPResponse {
        let name = request.parameters["id"] ?? ""
        let id: String
        if let persona = self.catalog()[name] {
            id = persona.id.rawValue
        } else {
            id = try await self.find(request).record.id.rawValue
        }
        var members = try await self.store.figures(ofPersona: id).json.object ?? [:]
        members["persona_id"] = .string(id)
        return .json(.object(members))
    }

    private func export(_ request: RouteRequest) async throws -> HTTPResponse {
        let stored = try await self.find(request)
        return .json(
            PersonaExport.document(stored),
            headers: [("content-disposition", "attachment; filename=\"\(stored.record.id).json\"")])
    }

    private func take(_ request: RouteRequest) async throws -> HTTPResponse {
        switch try PersonaExport.read(try request.object()) {
        case .scenario(let input): return try await self.scenarios.create(input, request)
        case .persona(let config): return try await self.take(config, request)
        }
    }

    private func take(_ config: PersonaConfig, _ request: RouteRequest) async throws -> HTTPResponse {
        let now = Date.nowInMilliseconds
        var persona = PersonaRecord(
            id: PersonaRecord.newID(), owner: request.caller.user.rawValue, kind: .generated, config: config,
            createdAt: now, updatedAt: now)
        let order = self.provider.order(for: persona, at: now)
        persona.sync = order?.job.state
        let made = persona
        let answer = HTTPResponse.json(
            persona.document, status: 201,
            headers: [("location", "/api/personas/\(persona.id)"), persona.tag.header])
        let response = try await request.making(answer) { answer throws(StoreError) in
            try await self.store.create(made, queueing: order, answering: answer)
        }
        await self.provider.placed(order, by: request, response)
        return response
    }

    private func delete(_ request: RouteRequest) async throws -> HTTPResponse {
        guard let id = PersonaID(request.parameters["id"] ?? "") else { throw ErrorResponse.noSuchRecord }
        try await self.store.deletePersona(id, of: request.caller.user.rawValue)
        await self.provider.orders?.sync.wake()
        return HTTPResponse(status: 204)
    }

    private func rate(_ request: RouteRequest) async throws -> HTTPResponse {
        guard let stars = try request.object()["stars"]?.integer, (1...5).contains(stars) else {
            throw ErrorResponse.invalid([.init(field: "stars", message: "must be a whole number from 1 to 5")])
        }
        let id = try request.recordID().rawValue
        try await self.store.rate(session: id, by: request.caller.user.rawValue, stars: stars, now: .now)
        return .json(["session_id": .string(id), "stars": .integer(stars)])
    }
}
