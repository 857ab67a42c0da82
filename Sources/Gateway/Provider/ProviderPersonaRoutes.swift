import Foundation
import JSON
import Personas
import Providers
import Studio
import Transport

/// Personas at the provider: have one made, see how far it is, try again, take it out. In snake case, as the provider
/// itself speaks; without a provider every one answers 503.
struct ProviderPersonaRoutes: Sendable {
    /// Who asks more often than that for the latest is told what is known.
    private static let nudges = Quota("provider_sync", limit: 30, window: 60)

    let access: ProviderAccess
    let store: any StudioStore

    var routes: [Route] {
        let limit = Route.documentLimit
        return Route.provider("POST", "personas", bodyLimit: limit, docs: .createProviderPersona) {
            try await self.create($0)
        }
            + Route.provider("GET", "personas/{id}/status", docs: .providerPersonaStatus) { try await self.status($0) }
            + Route.provider("POST", "personas/{id}/retry", docs: .retryProviderPersona) { try await self.retry($0) }
            + Route.provider("DELETE", "personas/{id}", docs: .deleteProviderPersona) { try await self.delete($0) }
            + ProviderPersonaDocuments(access: self.access, store: self.store).routes
            + Route.provider("POST", "sync", docs: .syncPersonas) { try await self.nudge($0) }
    }

    // MARK: Making

    private func create(_ request: RouteRequest) async throws -> HTTPResponse {
        let orders = try self.access.requiredOrders()
        let members = try self.members(request)
        let truncates = members["truncate"] == true
        let config = try PersonaInput.config(
            members, maxPrompt: truncates ? PersonaInput.maxGeneratedPrompt : PersonaInput.maxPrompt)
        let now = Date.nowInMilliseconds
        var persona = PersonaRecord(
            id: PersonaRecord.newID(), owner: request.caller.user.rawValue, kind: .provider, config: config,
            createdAt: now, updatedAt: now)
        let (order, warnings) = try orders.order(for: persona, at: now, truncates: truncates)
        persona.sync = order.job.state
        let made = persona
        let answer = HTTPResponse.json(persona.providerJSON(warnings))
        let response = try await request.making(answer) { answer throws(StoreError) in
            try await self.store.create(made, queueing: order, answering: answer)
        }
        await self.access.placed(order, by: request, response)
        return response
    }

    /// As it is, or as one member of another object, as an older app sends it.
    private func members(_ request: RouteRequest) throws -> [String: JSONValue] {
        let members = try request.object()
        guard let inner = members["personaInput"] ?? members["persona_input"], !inner.isNull else { return members }
        guard let object = inner.object else {
            throw ErrorResponse.invalid([.init(field: "personaInput", message: "must be an object")])
        }
        return object
    }

    // MARK: Following

    private func status(_ request: RouteRequest) async throws -> HTTPResponse {
        let orders = try self.access.requiredOrders()
        let id = request.parameters["id"] ?? ""
        guard let job = try await orders.sync.look(id, of: request.caller.user.rawValue) else {
            throw ErrorResponse.noSuchRecord
        }
        return .json(job.state.json(of: id))
    }

    private func retry(_ request: RouteRequest) async throws -> HTTPResponse {
        let orders = try self.access.requiredOrders()
        let job = try await self.job(request)
        guard try await self.store.retry(job.personaID, of: job.owner, now: .now) else {
            throw ErrorResponse(409, "not_failed", "nothing has failed that could be tried again")
        }
        await orders.placed(job.personaID, inRequest: request.id.description)
        return .json(try await self.job(request).state.json(of: request.parameters["id"] ?? ""))
    }

    private func delete(_ request: RouteRequest) async throws -> HTTPResponse {
        let orders = try self.access.requiredOrders()
        let job = try await self.job(request)
        guard try await self.store.persona(job.personaID, of: job.owner).scenarioID == nil else {
            throw ErrorResponse(
                409, "belongs_to_scenario", "the persona belongs to a scenario, and goes when that is deleted")
        }
        try await self.store.deletePersona(job.personaID, of: job.owner)
        await orders.sync.wake()
        return HTTPResponse(status: 204)
    }

    private func nudge(_ request: RouteRequest) async throws -> HTTPResponse {
        let orders = try self.access.requiredOrders()
        let user = request.caller.user.rawValue
        let isTooOften = try await self.store.take(Self.nudges, of: user, now: .now) != nil
        // Nothing is brought forward to a day that never comes.
        let pending = try await self.store.nudge(of: user, now: isTooOften ? .distantFuture : .now)
        if !isTooOften { await orders.sync.wake() }
        return .json(["pending": .integer(pending)])
    }

    /// The caller's, by its own id or the provider's.
    private func job(_ request: RouteRequest) async throws -> ProviderJob {
        let found = try await self.store.job(request.parameters["id"] ?? "", of: request.caller.user.rawValue)
        guard let found, found.wish == .present else { throw ErrorResponse.noSuchRecord }
        return found
    }
}

extension PersonaRecord {
    /// As the app is told of one that is queued.
    func providerJSON(_ warnings: [String]) -> JSONValue {
        var members: [String: JSONValue] = [
            "persona_id": .string(self.id.rawValue), "persona_name": self.config.name.map { .string($0) } ?? .null,
            "created_at": .string(self.createdAt.formatted(.iso8601)),
        ]
        members["status"] = self.sync.map { .string($0.status.rawValue) }
        if !warnings.isEmpty { members["warnings"] = .array(warnings.map { .string($0) }) }
        return .object(members)
    }
}

extension SyncState {
    /// How far it is, as the app is told.
    ///
    /// - Parameter id: as it was asked for.
    func json(of id: String) -> JSONValue {
        var members: [String: JSONValue] = [
            "persona_id": .string(id), "status": .string(self.status.rawValue),
            "last_status_at": .string(self.lastStatusAt.formatted(.iso8601)),
        ]
        members["error"] = self.failure.map { .string($0.message) }
        return .object(members)
    }
}
