import Foundation
import JSON
import Personas
import Providers
import Studio
import Transport

/// Personas as documents in snake case, read and changed as the provider's own are.
struct ProviderPersonaDocuments: Sendable {
    let access: ProviderAccess
    let store: any StudioStore

    var routes: [Route] {
        Route.provider("GET", "personas/{id}", docs: .readProviderPersona) { try await self.show($0) }
            + Route.provider("PATCH", "personas/{id}", bodyLimit: Route.documentLimit, docs: .changeProviderPersona) {
                try await self.change($0)
            }
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        _ = try self.access.requiredOrders()
        return Self.answer(try await self.persona(request))
    }

    private func change(_ request: RouteRequest) async throws -> HTTPResponse {
        _ = try self.access.requiredOrders()
        let patch = try request.patch()
        let version = try EntityTag.expected(by: request.head)
        var persona = try await self.persona(request)
        persona.config = try Self.patched(persona, patch)
        persona.updatedAt = .nowInMilliseconds
        let order = self.access.order(for: persona, at: persona.updatedAt)
        // What was read is what is replaced, also where the client does not mind.
        _ = try await self.store.replaceConfig(
            of: persona, queueing: order, version: version ?? persona.version, answering: nil)
        let response = Self.answer(try await self.store.persona(persona.id, of: persona.owner).record)
        await self.access.placed(order, by: request, response)
        return response
    }

    /// - Throws: 422 for a patch that does not fit, and for a persona that cannot be so.
    private static func patched(_ persona: PersonaRecord, _ patch: JSONValue) throws -> PersonaConfig {
        let changed: JSONValue
        do throws(PatchFault) {
            changed = try JSONPatch.apply(patch, to: .object(persona.config.snakeJSON), .careful)
        } catch {
            throw ErrorResponse.invalid([.init(field: "patch", message: error.sentence)])
        }
        guard let members = changed.object else {
            throw ErrorResponse.invalid([.init(field: "patch", message: "must leave an object")])
        }
        return try PersonaInput.config(members)
    }

    /// The caller's, by its own id or the provider's.
    private func persona(_ request: RouteRequest) async throws -> PersonaRecord {
        let name = request.parameters["id"] ?? ""
        let owner = request.caller.user.rawValue
        let job = try await self.store.job(name, of: owner)
        guard let id = job?.personaID ?? PersonaID(name) else { throw ErrorResponse.noSuchRecord }
        return try await self.store.persona(id, of: owner).record
    }

    private static func answer(_ persona: PersonaRecord) -> HTTPResponse {
        .json(persona.snakeDocument, headers: [persona.tag.header])
    }
}

extension RouteRequest {
    /// - Throws: 415 for another declared type, 400 for what is no JSON.
    fileprivate func patch() throws -> JSONValue {
        let type = self.head.headers["content-type"]?.split(separator: ";").first.map { $0.lowercased() }
        if let type, type != "application/json", !type.hasSuffix("+json") {
            throw ErrorResponse(415, "unsupported_media_type", "the body must be application/json-patch+json")
        }
        return try JSONValue(strictly: self.body)
    }
}

extension PatchFault {
    fileprivate var sentence: String {
        switch self {
        case .malformed(let sentence), .inapplicable(let sentence): sentence
        }
    }
}

extension PersonaConfig {
    /// What an author said, under the provider's names.
    fileprivate var snakeJSON: [String: JSONValue] {
        var members = self.json
        for (camel, snake) in [
            ("personaName", "persona_name"), ("systemPrompt", "system_prompt"), ("pipelineMode", "pipeline_mode"),
            ("defaultReplicaId", "default_replica_id"),
        ] { members[snake] = members.removeValue(forKey: camel) }
        return members
    }
}

extension PersonaRecord {
    fileprivate var snakeDocument: JSONValue {
        var members = self.config.snakeJSON
        members["persona_id"] = .string(self.id.rawValue)
        members["created_at"] = .string(self.createdAt.formatted(.iso8601))
        if let sync = self.sync {
            members["status"] = .string(sync.status.rawValue)
            members["last_status_at"] = .string(sync.lastStatusAt.formatted(.iso8601))
            members["error"] = sync.failure.map { .string($0.message) }
        }
        return .object(members)
    }
}
