import Foundation
import JSON
import Studio

extension StudioDatabase: TemplateStore {
    private static let templates = OwnedTable(
        name: "templates", id: "template_id",
        columns: "template_id, owner, name, data, version, created_at, updated_at")

    public func template(_ id: RecordID, of owner: String) async throws(StoreError) -> ScenarioTemplate {
        let found = try await self.read { connection throws(DatabaseError) in
            try Self.templates.row(id, of: owner, connection, Self.template)
        }
        guard let found else { throw .noTemplate }
        return found
    }

    private static func template(_ row: borrowing Row) throws(DatabaseError) -> ScenarioTemplate {
        guard let id = RecordID(row.text(0)) else { throw DatabaseError(.corrupt, "a template has no legal id") }
        var template = ScenarioTemplate(
            id: id, owner: row.text(1), name: row.text(2), data: JSONValue.column(row.text(3)).object ?? [:],
            createdAt: Date(milliseconds: row.integer(5)), updatedAt: Date(milliseconds: row.integer(6)))
        template.version = row.integer(4)
        return template
    }

    public func templates(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<ScenarioTemplate> {
        try await self.read { connection throws(DatabaseError) in
            try Self.templates.page(of: owner, window, connection, Self.template) {
                PageMark($0.createdAt, $0.id.rawValue)
            }
        }
    }

    public func create(
        _ template: ScenarioTemplate, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            try Answers.once(answer, about: template.id.rawValue, on: connection) { () throws(DatabaseError) in
                try Self.templates.insert(
                    [
                        .text(template.id.rawValue), .text(template.owner), .text(template.name),
                        .text(JSONValue.object(template.data).text), .integer(template.version),
                        .integer(template.createdAt.milliseconds), .integer(template.updatedAt.milliseconds),
                    ], connection)
            }
        }
    }

    public func replace(_ template: ScenarioTemplate, version: Int?) async throws(StoreError) -> ScenarioTemplate {
        try await self.decide { connection throws(DatabaseError) in
            let found = try Self.templates.row(template.id, of: template.owner, connection, Self.template)
            guard let present = found else { return .failure(.noTemplate) }
            guard version == nil || version == present.version else { return .failure(.changed) }
            try connection.run(
                "UPDATE templates SET name = ?, data = ?, version = version + 1, updated_at = ? WHERE template_id = ?",
                .text(template.name), .text(JSONValue.object(template.data).text),
                .integer(template.updatedAt.milliseconds), .text(template.id.rawValue))
            var kept = template
            kept.version = present.version + 1
            kept.createdAt = present.createdAt
            return .success(kept)
        }
    }

    public func deleteTemplate(_ id: RecordID, of owner: String) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            try Self.templates.delete(id, of: owner, connection) ? .success(()) : .failure(.noTemplate)
        }
    }
}

extension StoreError {
    fileprivate static let noTemplate = StoreError(.notFound, "there is no such template of that owner")
}
