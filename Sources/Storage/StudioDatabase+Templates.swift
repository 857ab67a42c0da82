import Foundation
import JSON
import Studio

extension StudioDatabase: TemplateStore {
    private static let templateColumns = "template_id, owner, name, data, version, created_at, updated_at"

    public func template(_ id: RecordID, of owner: String) async throws(StoreError) -> ScenarioTemplate {
        let found = try await self.read { connection throws(DatabaseError) in
            try Self.template(id, of: owner, connection)
        }
        guard let found else { throw .noTemplate }
        return found
    }

    private static func template(
        _ id: RecordID, of owner: String, _ connection: Connection
    ) throws(DatabaseError) -> ScenarioTemplate? {
        try connection.row(
            "SELECT \(self.templateColumns) FROM templates WHERE template_id = ? AND owner = ?",
            [.text(id.rawValue), .text(owner)]
        ) { row throws(DatabaseError) in try self.template(row) }
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
            let total = try connection.row(
                "SELECT count(*) FROM templates WHERE owner = ?", [.text(owner)], { $0.integer(0) })
            let mark = window.after
            let rows = try connection.rows(
                """
                SELECT \(Self.templateColumns) FROM templates
                WHERE owner = ? AND (? IS NULL OR created_at < ? OR (created_at = ? AND template_id > ?))
                ORDER BY created_at DESC, template_id LIMIT ?
                """,
                [
                    .text(owner), .text(orNull: mark?.id), .integer(mark?.createdAt ?? 0),
                    .integer(mark?.createdAt ?? 0), .text(mark?.id ?? ""), .integer(window.count + 1),
                ]
            ) { row throws(DatabaseError) in try Self.template(row) }
            return Page(rows, total: total ?? 0, window) { PageMark($0.createdAt, $0.id.rawValue) }
        }
    }

    public func create(
        _ template: ScenarioTemplate, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            try Answers.once(answer, about: template.id.rawValue, on: connection) { () throws(DatabaseError) in
                try connection.run(
                    "INSERT INTO templates(\(Self.templateColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    .text(template.id.rawValue), .text(template.owner), .text(template.name),
                    .text(JSONValue.object(template.data).text), .integer(template.version),
                    .integer(template.createdAt.milliseconds), .integer(template.updatedAt.milliseconds))
            }
        }
    }

    public func replace(_ template: ScenarioTemplate, version: Int?) async throws(StoreError) -> ScenarioTemplate {
        try await self.decide { connection throws(DatabaseError) in
            guard let present = try Self.template(template.id, of: template.owner, connection) else {
                return .failure(.noTemplate)
            }
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
            let count = try connection.run(
                "DELETE FROM templates WHERE template_id = ? AND owner = ?", .text(id.rawValue), .text(owner))
            guard count == 1 else { return .failure(.noTemplate) }
            try Answers.forget(about: id.rawValue, connection)
            return .success(())
        }
    }
}

extension StoreError {
    fileprivate static let noTemplate = StoreError(.notFound, "there is no such template of that owner")
}
