import Foundation
import JSON
import Studio

extension StudioDatabase: UsageStore {
    public func record(_ visits: [Visit]) async throws(StoreError) {
        try await self.write { connection throws(DatabaseError) in
            for visit in visits {
                try connection.run(
                    """
                    INSERT INTO visits(session_id, user_id, persona_id, started_at, duration_ms, turns, is_completed)
                    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                    .text(visit.sessionID), .text(visit.user), .text(visit.personaID),
                    .integer(visit.startedAt.milliseconds), .integer(visit.durationMs), .integer(visit.turns),
                    .integer(visit.isCompleted ? 1 : 0))
            }
        }
    }

    public func rate(session: String, by user: String, stars: Int, now: Date) async throws(StoreError) {
        try await self.decide { connection throws(DatabaseError) -> Result<Void, StoreError> in
            let count = try connection.run(
                """
                UPDATE visits SET stars = ?, rated_at = ? WHERE rowid = (
                    SELECT rowid FROM visits WHERE session_id = ? AND user_id = ? ORDER BY started_at DESC LIMIT 1)
                """, .integer(stars), .integer(now.milliseconds), .text(session), .text(user))
            return count == 1 ? .success(()) : .failure(StoreError(.notFound, "there is no session of that id"))
        }
    }

    private static let sums = """
        count(*), coalesce(sum(v.is_completed), 0), coalesce(sum(v.duration_ms), 0), count(v.stars),
        coalesce(sum(v.stars), 0)
        """

    private static func figures(_ row: borrowing Row) -> UsageFigures {
        UsageFigures(
            sessions: row.integer(0), completions: row.integer(1), durationMs: row.integer(2), ratings: row.integer(3),
            stars: row.integer(4))
    }

    public func figures(ofPersona id: String) async throws(StoreError) -> UsageFigures {
        try await self.read { connection throws(DatabaseError) in
            try connection.row("SELECT \(Self.sums) FROM visits v WHERE v.persona_id = ?", [.text(id)]) {
                Self.figures($0)
            } ?? UsageFigures()
        }
    }
}

extension StudioDatabase: ExperimentStore {
    public func create(
        _ experiment: Experiment, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation {
        try await self.decide { connection throws(DatabaseError) in
            try Answers.once(answer, about: experiment.id.rawValue, on: connection) { () throws(DatabaseError) in
                try connection.run(
                    """
                    INSERT INTO experiments(experiment_id, owner, name, persona_a, persona_b, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                    .text(experiment.id.rawValue), .text(experiment.owner), .text(experiment.name),
                    .text(experiment.personaA), .text(experiment.personaB),
                    .integer(experiment.createdAt.milliseconds))
            }
        }
    }

    public func experiment(_ id: RecordID, of owner: String?) async throws(StoreError) -> Experiment {
        let found = try await self.read { connection throws(DatabaseError) in
            try connection.row(
                """
                SELECT owner, name, persona_a, persona_b, created_at FROM experiments
                WHERE experiment_id = ? AND (? IS NULL OR owner = ?)
                """, [.text(id.rawValue), .text(orNull: owner), .text(orNull: owner)]
            ) { row in
                Experiment(
                    id: id, owner: row.text(0), name: row.text(1), personaA: row.text(2), personaB: row.text(3),
                    createdAt: Date(milliseconds: row.integer(4)))
            }
        }
        guard let found else { throw StoreError(.notFound, "there is no experiment of that id") }
        return found
    }

    public func variant(
        of user: String, in experiment: RecordID, now: Date
    ) async throws(StoreError) -> Experiment.Variant {
        try await self.write { connection throws(DatabaseError) in
            // The one that fewer have: with a handful of users a coin would often leave one side empty.
            try connection.run(
                """
                INSERT INTO experiment_users(experiment_id, user_id, variant, assigned_at)
                SELECT ?, ?, CASE WHEN coalesce(sum(variant = 'a'), 0) <= coalesce(sum(variant = 'b'), 0)
                    THEN 'a' ELSE 'b' END, ?
                FROM experiment_users WHERE experiment_id = ? ON CONFLICT DO NOTHING
                """, .text(experiment.rawValue), .text(user), .integer(now.milliseconds), .text(experiment.rawValue))
            let word = try connection.row(
                "SELECT variant FROM experiment_users WHERE experiment_id = ? AND user_id = ?",
                [.text(experiment.rawValue), .text(user)]
            ) { $0.text(0) }
            return word == "b" ? .b : .a
        }
    }

    public func figures(
        of experiment: Experiment
    ) async throws(StoreError) -> [Experiment.Variant: UsageFigures] {
        try await self.read { connection throws(DatabaseError) in
            var figures: [Experiment.Variant: UsageFigures] = [:]
            for variant in Experiment.Variant.allCases {
                figures[variant] = try connection.row(
                    """
                    SELECT \(Self.sums) FROM visits v JOIN experiment_users u ON u.user_id = v.user_id
                    WHERE u.experiment_id = ? AND u.variant = ? AND v.persona_id = ? AND v.started_at >= u.assigned_at
                    """,
                    [.text(experiment.id.rawValue), .text(variant.rawValue), .text(experiment.persona(variant))]
                ) { Self.figures($0) }
            }
            return figures
        }
    }
}
