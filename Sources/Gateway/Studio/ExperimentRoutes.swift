import Foundation
import JSON
import Personas
import Studio
import Transport

/// Two personas that users are divided between, and how each does.
struct ExperimentRoutes: Sendable {
    private static let maxName = 100

    let store: any StudioStore
    let own: OwnPersonas
    let catalog: @Sendable () -> PersonaCatalog

    var routes: [Route] {
        let path = "/api/experiments"
        return [
            Route("POST", path, bodyLimit: Route.documentLimit, docs: .createExperiment) { try await self.create($0) },
            Route("GET", "\(path)/{id}", docs: .readExperiment) { try await self.show($0) },
            Route("GET", "\(path)/{id}/variant", docs: .variant) { try await self.variant($0) },
        ]
    }

    private func create(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        let name = members["name"]?.string ?? ""
        var faults: [ErrorResponse.FieldError] = []
        if name.isBlank || name.unicodeScalars.count > Self.maxName {
            faults.append(.init(field: "name", message: "must be a text of 1 to \(Self.maxName) characters, not blank"))
        }
        for field in ["persona_a", "persona_b"] where members[field]?.string?.isEmpty ?? true {
            faults.append(.init(field: field, message: "must be the id of a persona"))
        }
        guard faults.isEmpty else { throw ErrorResponse.invalid(faults) }
        let ids = try await self.personas(members, request)
        return try await self.create(name, ids, request)
    }

    /// The two personas.
    ///
    /// - Throws: 404 that names the fields where there is none for the caller, 409 where they are one.
    private func personas(_ members: [String: JSONValue], _ request: RouteRequest) async throws -> [String] {
        var ids: [String] = []
        var unknown: [ErrorResponse.FieldError] = []
        for field in ["persona_a", "persona_b"] {
            if let id = try await self.persona(members[field]?.string, request) {
                ids.append(id)
            } else {
                unknown.append(.init(field: field, message: "names no persona of the product or of your own"))
            }
        }
        guard unknown.isEmpty else {
            throw ErrorResponse(404, "persona_not_found", "there is no persona of that id", fields: unknown)
        }
        guard ids[0] != ids[1] else {
            throw ErrorResponse(
                409, "same_persona", "persona_a and persona_b are one persona: there is nothing to compare")
        }
        return ids
    }

    private func create(_ name: String, _ ids: [String], _ request: RouteRequest) async throws -> HTTPResponse {
        let experiment = Experiment(
            id: .new("exp"), owner: request.caller.user.rawValue, name: name, personaA: ids[0], personaB: ids[1],
            createdAt: .nowInMilliseconds)
        let response = HTTPResponse.json(
            Self.json(experiment, [:]), status: 201, headers: [("location", "/api/experiments/\(experiment.id)")])
        return try await request.making(response) { answer throws(StoreError) in
            try await self.store.create(experiment, answering: answer)
        }
    }

    /// The id of a persona of the product, or of one of the caller's by its own or its scenario's id.
    private func persona(_ name: String?, _ request: RouteRequest) async throws -> String? {
        guard let name else { return nil }
        if let persona = self.catalog()[name] { return persona.id.rawValue }
        return try await self.own.persona(name, of: request.caller.user.rawValue)?.record.id.rawValue
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        let experiment = try await self.store.experiment(try request.recordID(), of: request.caller.user.rawValue)
        return .json(Self.json(experiment, try await self.store.figures(of: experiment)))
    }

    /// Of the caller, whoever that is: who is told of an experiment takes part in it.
    private func variant(_ request: RouteRequest) async throws -> HTTPResponse {
        let experiment = try await self.store.experiment(try request.recordID(), of: nil)
        let variant = try await self.store.variant(of: request.caller.user.rawValue, in: experiment.id, now: .now)
        return .json([
            "experiment_id": .string(experiment.id.rawValue), "variant": .string(variant.rawValue),
            "persona_id": .string(experiment.persona(variant)),
        ])
    }

    private static func json(
        _ experiment: Experiment, _ figures: [Experiment.Variant: UsageFigures]
    ) -> JSONValue {
        var variants: [String: JSONValue] = [:]
        for variant in Experiment.Variant.allCases {
            var members = (figures[variant] ?? UsageFigures()).json.object ?? [:]
            members["persona_id"] = .string(experiment.persona(variant))
            variants[variant.rawValue] = .object(members)
        }
        return [
            "experiment_id": .string(experiment.id.rawValue), "name": .string(experiment.name),
            "created_at": .string(experiment.createdAt.formatted(.iso8601)), "variants": .object(variants),
        ]
    }
}
