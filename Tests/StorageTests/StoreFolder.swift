import Foundation
import Personas
import Storage
import Studio

/// A folder for one test's store, gone when the test is over.
final class StoreFolder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("vaani-\(UUID().uuidString)").path

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// A store that is closed after `body`.
    func open<Value>(_ body: (StudioDatabase) async throws -> Value) async throws -> Value {
        let store = try StudioDatabase(directory: self.path)
        defer { store.close() }
        return try await body(store)
    }

    static func with<Value>(_ body: (StudioDatabase) async throws -> Value) async throws -> Value {
        let folder = StoreFolder()
        return try await folder.open(body)
    }
}

enum Sample {
    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    static func scenario(
        _ title: String = "Feedback", owner: String = "tara", category: Studio.Category = .leadership,
        after seconds: Double = 0
    ) -> Scenario {
        let now = Self.start + seconds
        let persona = PersonaRecord(
            id: PersonaRecord.newID(), owner: owner, kind: .scenario, config: PersonaConfig(), createdAt: now,
            updatedAt: now)
        return Scenario(
            id: .new("scn"), owner: owner,
            details: ScenarioDetails(
                title: title, description: "Tell it kindly", category: category, duration: 15, difficulty: .beginner,
                tags: ["work", "ÜBUNG"]),
            persona: persona, createdAt: now, updatedAt: now)
    }

    static func answer(_ key: String, owner: String = "tara", fingerprint: String = "f1") -> RememberedAnswer {
        RememberedAnswer(
            key: key, owner: owner, fingerprint: fingerprint, status: 201, headers: ["etag": "\"1\""],
            body: Array(#"{"title":"नमस्ते"}"#.utf8))
    }

    static func job(_ id: String, owner: String = "tara", due: Double = 0) -> ProviderJob {
        ProviderJob(
            personaID: PersonaID(id) ?? PersonaRecord.newID(), owner: owner, provider: "double",
            payload: ["persona_name": "Coach"], marker: "vaani:\(id)", state: SyncState(queuedAt: Self.start),
            dueAt: Self.start + due)
    }
}

/// The code of the error that `body` throws.
func code(_ body: () async throws -> Void) async -> StoreError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? StoreError)?.code
    }
}
