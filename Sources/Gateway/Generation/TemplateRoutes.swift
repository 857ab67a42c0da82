import Foundation
import JSON
import Studio
import Transport

/// Scenarios as data: made of a document, read, edited.
struct TemplateRoutes: Sendable {
    /// Of an uploaded form.
    static let uploadLimit = 10 << 20
    private static let maxName = 200
    let studio: PersonaStudio
    let documents: (any DocumentConverter)?

    var routes: [Route] {
        let path = "/scenario/templates"
        return [
            Route("POST", "/analyze-scenario-enhanced", bodyLimit: Self.uploadLimit, docs: .analyzeScenario) {
                try await self.analyze($0)
            },
            Route("POST", "/scenario/analyze-scenario-enhanced", bodyLimit: Self.uploadLimit) {
                try await self.analyze($0)
            },
            Route(
                "POST", "/scenario/test-archetype-classification", bodyLimit: Self.uploadLimit,
                docs: .classifyScenario
            ) { try await self.classify($0) },
            Route("GET", path, docs: .listTemplates) { try await self.list($0) },
            Route("GET", "\(path)/{id}", docs: .readTemplate) { try await self.show($0) },
            Route("PUT", "\(path)/{id}", bodyLimit: Route.documentLimit, docs: .replaceTemplate) {
                try await self.replace($0)
            },
            Route("DELETE", "\(path)/{id}", docs: .deleteTemplate) { try await self.delete($0) },
        ]
    }

    private func analyze(_ request: RouteRequest) async throws -> HTTPResponse {
        let form = try FormReader.read(request)
        let document = try await self.document(form)
        let name = form.text("template_name")?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard name.unicodeScalars.count <= Self.maxName else {
            throw ErrorResponse.invalid([
                .init(field: "template_name", message: "has more than \(Self.maxName) characters")
            ])
        }
        let data = await self.studio.analyzer.analyze(document, name: name, payer: request.owner)
        let now = Date.nowInMilliseconds
        let template = ScenarioTemplate(
            id: RecordID.new("tpl"), owner: request.owner,
            name: name.isEmpty ? ScenarioFacts(templateID: nil, data: data).title : name, data: data, createdAt: now,
            updatedAt: now)
        let response = HTTPResponse.json([
            "template_id": .string(template.id.rawValue), "template_name": .string(template.name),
            "template_data": .object(data), "message": "Scenario analyzed",
            "next_step": "POST /scenario/generate-personas with this template_id",
        ])
        return try await request.making(response) { answer throws(StoreError) in
            try await self.studio.store.create(template, answering: answer)
        }
    }

    private func classify(_ request: RouteRequest) async throws -> HTTPResponse {
        let document = try await self.document(try FormReader.read(request))
        return .json(await self.studio.analyzer.classify(document, payer: request.owner).json)
    }

    private func document(_ form: FormReader) async throws -> String {
        guard let bytes = form["scenario_document"] ?? form["document"] ?? form["text"], !bytes.isEmpty else {
            throw ErrorResponse.invalid([.init(field: "scenario_document", message: "is required")])
        }
        let text = try await DocumentText.read(bytes, with: self.documents)
        guard !text.isBlank else {
            throw ErrorResponse.invalid([.init(field: "scenario_document", message: "holds no text")])
        }
        let count = text.unicodeScalars.count
        guard count <= ScenarioAnalyzer.maxScalars else {
            throw ErrorResponse.invalid([
                .init(
                    field: "scenario_document",
                    message: "has \(count) characters, and \(ScenarioAnalyzer.maxScalars) is the most")
            ])
        }
        return text
    }

    private func list(_ request: RouteRequest) async throws -> HTTPResponse {
        let page = try await self.studio.store.templates(of: request.owner, try request.window())
        return .json(page.json { $0.card })
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        let template = try await self.studio.template(request.parameters["id"], request.caller)
        return .json(template.json, headers: [template.tag.header])
    }

    /// Takes a name, the data, or both.
    private func replace(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.object()
        var template = try await self.studio.template(request.parameters["id"], request.caller)
        let version = try EntityTag.expected(by: request.head)
        var faults: [ErrorResponse.FieldError] = []
        if let data = members["template_data"] {
            if let data = data.object {
                template.data = data
            } else {
                faults.append(.init(field: "template_data", message: "must be an object"))
            }
        }
        if let name = members["name"] ?? members["template_name"] {
            if let name = name.string, !name.isEmpty, name.unicodeScalars.count <= Self.maxName {
                template.name = name
            } else {
                faults.append(.init(field: "name", message: "must be a text of 1 to \(Self.maxName) characters"))
            }
        }
        guard faults.isEmpty else { throw ErrorResponse.invalid(faults) }
        template.updatedAt = .nowInMilliseconds
        let kept = try await self.studio.store.replace(template, version: version)
        return .json(kept.json, headers: [kept.tag.header])
    }

    private func delete(_ request: RouteRequest) async throws -> HTTPResponse {
        let template = try await self.studio.template(request.parameters["id"], request.caller)
        try await self.studio.store.deleteTemplate(template.id, of: request.owner)
        return HTTPResponse(status: 204)
    }
}

extension ScenarioTemplate {
    var tag: EntityTag { EntityTag(version: self.version, state: "template") }

    /// Without its data.
    var card: JSONValue {
        [
            "template_id": .string(self.id.rawValue), "name": .string(self.name),
            "archetype": .string(ScenarioFacts(self).archetype),
            "created_at": .string(self.createdAt.formatted(.iso8601)),
            "updated_at": .string(self.updatedAt.formatted(.iso8601)),
        ]
    }

    var json: JSONValue {
        var members = self.card.object ?? [:]
        members["template_data"] = .object(self.data)
        return .object(members)
    }
}
