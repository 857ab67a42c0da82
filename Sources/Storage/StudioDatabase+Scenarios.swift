import Foundation
import JSON
import Personas
import Studio

extension StudioDatabase: ScenarioStore {
    // A scenario is read with its persona and with how far the provider is.
    private static let columns = """
        s.scenario_id, s.owner, s.title, s.description, s.category, s.duration_min, s.difficulty, s.tags, s.image_url,
        s.is_custom, s.version, s.created_at, s.updated_at, \(PersonaRow.columns)
        """
    private static let tables = """
        scenarios s JOIN personas p ON p.scenario_id = s.scenario_id LEFT JOIN provider_personas r ON r.local_id = p.persona_id
        """

    public func scenario(_ id: RecordID, of owner: String) async throws(StoreError) -> Scenario {
        let found = try await self.read { connection throws(DatabaseError) in try Self.find(id, owner, connection) }
        guard let found else { throw StoreError(.notFound, "there is no scenario of that id") }
        return found
    }

    private static func find(
        _ id: RecordID, _ owner: String, _ connection: Connection
    ) throws(DatabaseError) -> Scenario? {
        try connection.row(
            "SELECT \(Self.columns) FROM \(Self.tables) WHERE s.scenario_id = ? AND s.owner = ?",
            [.text(id.rawValue), .text(owner)], Self.scenario)
    }

    public func scenarios(_ query: ScenarioQuery) async throws(StoreError) -> Page<Scenario> {
        let filter = Filter(query)
        let window = query.window
        return try await self.read { connection throws(DatabaseError) in
            let total = try connection.row(
                "SELECT count(*) FROM scenarios s WHERE \(filter.condition)", filter.values, { $0.integer(0) })
            let place = window.place("s.created_at", "s.scenario_id")
            let rows = try connection.rows(
                """
                SELECT \(Self.columns) FROM \(Self.tables) WHERE \(filter.condition)\(place.condition)
                ORDER BY s.created_at DESC, s.scenario_id LIMIT ?
                """, filter.values + place.values + [.integer(window.count + 1)], Self.scenario)
            return Page(rows, total: total ?? 0, window) { PageMark($0.createdAt, $0.id.rawValue) }
        }
    }

    public func scenarioCounts(of owner: String) async throws(StoreError) -> [Studio.Category: Int] {
        let counts = try await self.read { connection throws(DatabaseError) in
            try connection.rows(
                "SELECT category, count(*) FROM scenarios WHERE owner = ? GROUP BY category", [.text(owner)]
            ) { ($0.text(0), $0.integer(1)) }
        }
        return Dictionary(
            counts.compactMap { word, count in Studio.Category(rawValue: word).map { ($0, count) } },
            uniquingKeysWith: +)
    }

    public func create(
        _ scenario: Scenario, queueing order: ProviderOrder?, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            let refusal = try Self.refusal(order, connection)
            return try Answers.once(answer, about: scenario.id.rawValue, unless: refusal, on: connection) {
                () throws(DatabaseError) in
                try Self.insert(scenario, connection)
                try PersonaRow.insert(scenario.persona, scenario: scenario.id, connection)
                try Self.begin(order, connection)
            }
        }
    }

    public func replace(
        _ scenario: Scenario, queueing order: ProviderOrder?, version: Int?
    ) async throws(StoreError) -> Scenario {
        try await self.decide { connection throws(DatabaseError) in
            switch try Self.find(scenario.id, scenario.owner, connection) {
            case nil: return .failure(.noScenario)
            case let found? where version != nil && found.version != version: return .failure(.changed)
            case .some: break
            }
            if let refusal = try Self.refusal(order, connection) { return .failure(refusal) }
            try Self.take(order, connection)
            try Self.update(scenario, connection)
            try PersonaRow.update(scenario.persona, connection)
            guard let kept = try Self.find(scenario.id, scenario.owner, connection) else {
                return .failure(.noScenario)
            }
            return .success(kept)
        }
    }

    public func deleteScenario(_ id: RecordID, of owner: String, version: Int?) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            switch try Self.find(id, owner, connection) {
            case nil: return .failure(.noScenario)
            case let found? where version != nil && found.version != version: return .failure(.changed)
            case let found?: try Answers.forget(about: found.persona.id.rawValue, connection)
            }
            try Answers.forget(about: id.rawValue, connection)
            try Self.release("scenario_id = ?", id.rawValue, connection)
            try connection.run("DELETE FROM scenarios WHERE scenario_id = ?", .text(id.rawValue))
            return .success(())
        }
    }

    // MARK: Rows

    private static func insert(_ scenario: Scenario, _ connection: Connection) throws(DatabaseError) {
        let details = scenario.details
        try connection.run(
            """
            INSERT INTO scenarios(scenario_id, owner, title, description, category, duration_min, difficulty, tags,
                image_url, is_custom, search, version, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .text(scenario.id.rawValue), .text(scenario.owner), .text(details.title), .text(details.description),
            .text(details.category.rawValue), .integer(details.duration), .text(orNull: details.difficulty?.rawValue),
            .text(details.tagsJSON), .text(orNull: details.imageURL), .integer(scenario.isCustom ? 1 : 0),
            .text(details.searchText), .integer(scenario.version), .integer(scenario.createdAt.milliseconds),
            .integer(scenario.updatedAt.milliseconds))
    }

    private static func update(_ scenario: Scenario, _ connection: Connection) throws(DatabaseError) {
        let details = scenario.details
        try connection.run(
            """
            UPDATE scenarios SET title = ?, description = ?, category = ?, duration_min = ?, difficulty = ?, tags = ?,
                image_url = ?, search = ?, version = version + 1, updated_at = ? WHERE scenario_id = ?
            """,
            .text(details.title), .text(details.description), .text(details.category.rawValue),
            .integer(details.duration), .text(orNull: details.difficulty?.rawValue), .text(details.tagsJSON),
            .text(orNull: details.imageURL), .text(details.searchText), .integer(scenario.updatedAt.milliseconds),
            .text(scenario.id.rawValue))
    }

    private static func scenario(_ row: borrowing Row) throws(DatabaseError) -> Scenario {
        guard let id = RecordID(row.text(0)), let category = Studio.Category(rawValue: row.text(4)) else {
            throw DatabaseError(
                .corrupt, "a scenario has the id \"\(row.text(0))\" and the category \"\(row.text(4))\"")
        }
        let details = ScenarioDetails(
            title: row.text(2), description: row.text(3), category: category, duration: row.integer(5),
            difficulty: row.optionalText(6).flatMap { Difficulty(rawValue: $0) },
            tags: (JSONValue.column(row.text(7)).array ?? []).compactMap(\.string), imageURL: row.optionalText(8))
        var scenario = Scenario(
            id: id, owner: row.text(1), details: details, persona: try PersonaRow.persona(row, from: 13),
            createdAt: Date(milliseconds: row.integer(11)), updatedAt: Date(milliseconds: row.integer(12)))
        scenario.isCustom = row.integer(9) != 0
        scenario.version = row.integer(10)
        return scenario
    }
}

extension StoreError {
    static let noScenario = StoreError(.notFound, "there is no scenario of that id")
    static let noPersona = StoreError(.notFound, "there is no persona of that id")
    static let changed = StoreError(.changed, "it was changed since it was read")
}

extension ScenarioDetails {
    var tagsJSON: String { JSONValue.array(self.tags.map { .string($0) }).text }
}

/// The part of a statement that says which rows are meant.
private struct Filter: Sendable {
    private(set) var condition: String
    private(set) var values: [SQLValue]

    init(_ query: ScenarioQuery) {
        self.condition = "s.owner = ?"
        self.values = [.text(query.owner)]
        if let category = query.category { self.require("s.category = ?", .text(category.rawValue)) }
        if let difficulty = query.difficulty { self.require("s.difficulty = ?", .text(difficulty.rawValue)) }
        if let isCustom = query.isCustom { self.require("s.is_custom = ?", .integer(isCustom ? 1 : 0)) }
        if let text = query.text { self.require("instr(s.search, ?) > 0", .text(text.lowercased())) }
    }

    private mutating func require(_ condition: String, _ value: SQLValue) {
        self.condition += " AND " + condition
        self.values.append(value)
    }
}
