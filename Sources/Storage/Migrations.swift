extension Migration {
    /// Every step since the first release. Add at the end; never change one.
    public static let all: [Migration] = [
        Migration(1, "scenarios", Self.scenarios),
        Migration(2, "personas of scenarios, and tags", Self.personas),
        Migration(3, "providers", Self.providers),
        Migration(4, "use", Self.use),
        Migration(5, "what answers are about", Self.subjects),
        Migration(6, "generation", Self.generation),
        Migration(7, "changes at providers", Self.changes),
    ]

    // Times are milliseconds since 1970. `search` is title, description and tags in lower case: SQLite itself folds the
    // case of ASCII alone.
    private static let scenarios = """
        CREATE TABLE scenarios(
            scenario_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            category TEXT NOT NULL,
            duration_min INTEGER NOT NULL,
            difficulty TEXT,
            image_url TEXT,
            is_custom INTEGER NOT NULL DEFAULT 1,
            version INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL) STRICT;
        CREATE INDEX scenarios_of_owner ON scenarios(owner, created_at DESC, scenario_id);
        """

    // Scenarios of version 1 have neither tags nor a persona: `Backfill` gives them both.
    private static let personas = """
        ALTER TABLE scenarios ADD COLUMN tags TEXT;
        ALTER TABLE scenarios ADD COLUMN search TEXT;
        CREATE TABLE personas(
            persona_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            kind TEXT NOT NULL,
            scenario_id TEXT UNIQUE REFERENCES scenarios(scenario_id) ON DELETE CASCADE,
            config TEXT NOT NULL,
            version INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL) STRICT;
        CREATE INDEX personas_of_owner ON personas(owner, created_at DESC, persona_id);
        CREATE TABLE answers(
            owner TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            status INTEGER NOT NULL,
            headers TEXT NOT NULL,
            body TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (owner, key)) STRICT;
        CREATE INDEX answers_by_age ON answers(created_at);
        """

    // A job outlives its persona, where the provider has still to be told to delete it: hence no reference.
    private static let providers = """
        CREATE TABLE provider_personas(
            place INTEGER PRIMARY KEY AUTOINCREMENT,
            local_id TEXT NOT NULL UNIQUE,
            owner TEXT NOT NULL,
            provider TEXT NOT NULL,
            wish TEXT NOT NULL CHECK (wish IN ('present', 'absent')),
            payload TEXT NOT NULL,
            marker TEXT NOT NULL,
            remote_id TEXT UNIQUE,
            status TEXT NOT NULL CHECK (status IN ('queued', 'processing', 'ready', 'error')),
            status_source TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            last_status_at INTEGER NOT NULL,
            error_code TEXT,
            error_text TEXT,
            holder TEXT,
            held_until INTEGER NOT NULL DEFAULT 0,
            CHECK ((status = 'error') = (error_text IS NOT NULL))) STRICT;
        CREATE INDEX provider_personas_due ON provider_personas(due_at) WHERE status IN ('queued', 'processing');
        CREATE TABLE provider_cache(
            kind TEXT NOT NULL,
            remote_id TEXT NOT NULL,
            body TEXT NOT NULL,
            fetched_at INTEGER NOT NULL,
            PRIMARY KEY (kind, remote_id)) STRICT;
        CREATE TABLE quota_uses(
            scope TEXT NOT NULL,
            owner TEXT NOT NULL,
            at INTEGER NOT NULL) STRICT;
        CREATE INDEX quota_uses_of_owner ON quota_uses(scope, owner, at);
        """

    // What was claimed before there were revisions may be there, though no release has ever asked a provider.
    private static let changes = """
        ALTER TABLE provider_personas ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE provider_personas ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE provider_personas ADD COLUMN change_code TEXT;
        ALTER TABLE provider_personas ADD COLUMN change_text TEXT;
        UPDATE provider_personas SET made = 1 WHERE attempts > 0 OR remote_id IS NOT NULL;
        DROP INDEX provider_personas_due;
        CREATE INDEX provider_personas_waiting ON provider_personas(place)
            WHERE (status IN ('queued', 'processing') OR status = 'ready' AND revision <> made AND change_code IS NULL);
        """

    private static let subjects = """
        ALTER TABLE answers ADD COLUMN record TEXT;
        CREATE INDEX answers_about ON answers(record);
        """

    private static let use = """
        CREATE TABLE visits(
            session_id TEXT NOT NULL,
            user_id TEXT NOT NULL,
            persona_id TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            duration_ms INTEGER NOT NULL,
            turns INTEGER NOT NULL,
            is_completed INTEGER NOT NULL,
            stars INTEGER CHECK (stars BETWEEN 1 AND 5),
            rated_at INTEGER,
            PRIMARY KEY (session_id, started_at, persona_id)) STRICT;
        CREATE INDEX visits_of_persona ON visits(persona_id, user_id);
        CREATE TABLE experiments(
            experiment_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            persona_a TEXT NOT NULL,
            persona_b TEXT NOT NULL,
            created_at INTEGER NOT NULL) STRICT;
        CREATE TABLE experiment_users(
            experiment_id TEXT NOT NULL REFERENCES experiments(experiment_id) ON DELETE CASCADE,
            user_id TEXT NOT NULL,
            variant TEXT NOT NULL CHECK (variant IN ('a', 'b')),
            assigned_at INTEGER NOT NULL,
            PRIMARY KEY (experiment_id, user_id)) STRICT;
        """

    // Of a generated persona `personas` has what a voice session reads, and `document` everything.
    private static let generation = """
        CREATE TABLE templates(
            template_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            name TEXT NOT NULL,
            data TEXT NOT NULL,
            version INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL) STRICT;
        CREATE INDEX templates_of_owner ON templates(owner, created_at DESC, template_id);
        CREATE TABLE generated_personas(
            persona_id TEXT PRIMARY KEY REFERENCES personas(persona_id) ON DELETE CASCADE,
            document TEXT NOT NULL) STRICT;
        CREATE TABLE avatar_interactions(
            interaction_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            mode TEXT NOT NULL,
            persona_id TEXT REFERENCES personas(persona_id) ON DELETE SET NULL,
            system_prompt TEXT,
            body TEXT NOT NULL,
            created_at INTEGER NOT NULL) STRICT;
        CREATE INDEX avatar_interactions_of_owner ON avatar_interactions(owner, created_at DESC, interaction_id);
        CREATE INDEX avatar_interactions_of_persona ON avatar_interactions(persona_id);
        CREATE TABLE jobs(
            job_id TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            template_id TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('processing', 'completed', 'failed')),
            error TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            CHECK ((status = 'processing') = (expires_at IS NULL))) STRICT;
        CREATE INDEX jobs_by_expiry ON jobs(expires_at);
        CREATE TABLE job_items(
            job_id TEXT NOT NULL REFERENCES jobs(job_id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            persona_id TEXT NOT NULL,
            modes TEXT NOT NULL,
            status TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            error TEXT,
            prompt_length INTEGER,
            persona_name TEXT,
            PRIMARY KEY (job_id, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE job_events(
            job_id TEXT NOT NULL REFERENCES jobs(job_id) ON DELETE CASCADE,
            seq INTEGER NOT NULL,
            json TEXT NOT NULL,
            PRIMARY KEY (job_id, seq)) STRICT, WITHOUT ROWID;
        """
}
