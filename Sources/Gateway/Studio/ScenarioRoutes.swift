import Foundation
import JSON
import Personas
import Studio
import Transport

/// Scenarios: what a user practises, and with whom.
struct ScenarioRoutes: Sendable {
    let store: any StudioStore
    let templates: PersonaTemplates
    let provider: ProviderAccess

    var routes: [Route] {
        let path = "/api/scenarios"
        return [
            Route("GET", path, docs: .listScenarios) { try await self.list($0) },
            Route("POST", path, bodyLimit: Route.documentLimit, docs: .createScenario) { try await self.create($0) },
            Route("GET", "\(path)/categories", docs: .categories) { try await self.categories($0) },
            Route("GET", "\(path)/{id}", docs: .readScenario) { try await self.show($0) },
            Route("PUT", "\(path)/{id}", bodyLimit: Route.documentLimit, docs: .replaceScenario) {
                try await self.replace($0)
            },
            Route("DELETE", "\(path)/{id}", docs: .deleteScenario) { try await self.delete($0) },
            Route("GET", "/api/persona-templates", docs: .templates) { _ in
                .json(["items": .array(self.templates.all.map(\.json)), "total": .integer(self.templates.all.count)])
            },
        ]
    }

    // MARK: Reading

    private func list(_ request: RouteRequest) async throws -> HTTPResponse {
        let query = try self.query(request)
        return .json(try await self.store.scenarios(query).json(\.json))
    }

    private func query(_ request: RouteRequest) throws -> ScenarioQuery {
        var query = ScenarioQuery(owner: request.caller.user.rawValue)
        query.category = try self.word(request, "category", as: Studio.Category.self)
        query.difficulty = try self.word(request, "difficulty", as: Difficulty.self)
        query.text = request.query("q")
        if let text = request.head.queryValue("isCustomOnly") {
            guard let isCustomOnly = Bool(text) else {
                throw ErrorResponse.invalid([.init(field: "isCustomOnly", message: "must be true or false")])
            }
            query.isCustom = isCustomOnly ? true : nil
        }
        query.window = try request.window()
        return query
    }

    private func word<Word: RawRepresentable<String> & CaseIterable>(
        _ request: RouteRequest, _ name: String, as type: Word.Type
    ) throws -> Word? {
        guard let text = request.head.queryValue(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw ErrorResponse.invalid([.init(field: name, message: "must be one of \(words)")])
        }
        return word
    }

    private func categories(_ request: RouteRequest) async throws -> HTTPResponse {
        let counts = try await self.store.scenarioCounts(of: request.caller.user.rawValue)
        return .json(
            .array(
                Studio.Category.allCases.map {
                    ["name": .string($0.rawValue), "count": .integer(counts[$0] ?? 0)]
                }))
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        let scenario = try await self.scenario(request)
        if let expanded = request.head.queryValue("expand") { return try await self.expand(scenario, expanded) }
        guard !scenario.tag.isKnown(to: request.head) else {
            return HTTPResponse(status: 304, headers: [scenario.tag.header])
        }
        return .json(self.json(scenario), headers: [scenario.tag.header])
    }

    /// Without an `ETag`: the documents change by themselves.
    private func expand(_ scenario: Scenario, _ what: String) async throws -> HTTPResponse {
        guard what == "documents" else {
            throw ErrorResponse.invalid([.init(field: "expand", message: "must be documents")])
        }
        var members = self.json(scenario).object ?? [:]
        members["documents"] = .array(try await self.provider.documents(scenario.persona.config.documentIDs))
        return .json(.object(members))
    }

    /// With what of its persona a provider does not take as it is.
    private func json(_ scenario: Scenario) -> JSONValue {
        var members = scenario.json.object ?? [:]
        let warnings = self.provider.warnings(scenario.persona)
        if !warnings.isEmpty { members["warnings"] = .array(warnings.map { .string($0) }) }
        return .object(members)
    }

    private func scenario(_ request: RouteRequest) async throws -> Scenario {
        try await self.store.scenario(try request.recordID(), of: request.caller.user.rawValue)
    }

    // MARK: Changing

    private func create(_ request: RouteRequest) async throws -> HTTPResponse {
        let input = try ScenarioInput(try self.templates.fill(try request.object()))
        return try await self.create(input, request)
    }

    /// Keeps a new scenario of the caller's.
    func create(_ input: ScenarioInput, _ request: RouteRequest) async throws -> HTTPResponse {
        let now = Date.nowInMilliseconds
        let owner = request.caller.user.rawValue
        var persona = PersonaRecord(
            id: PersonaRecord.newID(), owner: owner, kind: .scenario, config: input.persona ?? .standard,
            createdAt: now, updatedAt: now)
        // Nobody else is to show a persona of which its author says nothing.
        let order = input.persona == nil ? nil : self.provider.order(for: persona, at: now)
        persona.sync = order?.job.state
        let scenario = Scenario(
            id: .new("scn"), owner: owner, details: input.details, persona: persona, createdAt: now, updatedAt: now)
        let answer = HTTPResponse.json(
            self.json(scenario), status: 201,
            headers: [("location", "/api/scenarios/\(scenario.id)"), scenario.tag.header])
        let response = try await request.making(answer) { answer throws(StoreError) in
            try await self.store.create(scenario, queueing: order, answering: answer)
        }
        await self.provider.placed(order, by: request, response)
        return response
    }

    /// What the client leaves out of a persona has its default again; a client that says nothing of the persona keeps it.
    private func replace(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        var scenario = try await self.scenario(request)
        let version = try EntityTag.expected(by: request.head)
        let input = try ScenarioInput(members)
        scenario.details = input.details
        if let config = input.persona { scenario.persona.config = config }
        scenario.updatedAt = .nowInMilliseconds
        scenario.persona.updatedAt = scenario.updatedAt
        let order =
            input.persona == nil ? nil : self.provider.order(for: scenario.persona, at: scenario.updatedAt)
        let kept = try await self.store.replace(scenario, queueing: order, version: version)
        let response = HTTPResponse.json(self.json(kept), headers: [kept.tag.header])
        await self.provider.placed(order, by: request, response)
        return response
    }

    private func delete(_ request: RouteRequest) async throws -> HTTPResponse {
        let id = try request.recordID()
        let version = try EntityTag.expected(by: request.head)
        try await self.store.deleteScenario(id, of: request.caller.user.rawValue, version: version)
        await self.provider.orders?.sync.wake()
        return HTTPResponse(status: 204)
    }
}
