import Foundation
import JSON
import Observability
import Storage
import Studio
import Transport

@testable import Gateway
@testable import Personas

/// A gateway that keeps what users make, for tests that make it.
struct StudioHarness {
    static let catalog: PersonaCatalog = {
        let template = try? Persona(Self.template, kind: .scenario)
        return PersonaCatalog(personas: [template].compactMap { $0 }, aliases: [:], conventions: PersonaConventions())
    }()

    private static let template: [String: JSONValue] = [
        "scenario_id": "hard-talk", "title": "A hard talk", "name": "Nandini", "language": "English",
        "description": "Own what you said", "category": "Conflict Resolution", "duration": 12,
        "difficulty": "intermediate", "tags": ["apology"], "setting": "A meeting room",
        "greeting": "You wanted to talk?",
        "system_prompt": "You are Nandini.",
    ]

    let gateway: GatewayHarness
    let store: StudioDatabase

    static func run(
        provider: ProviderAccess = .none, log: Log = .disabled,
        configure: (inout GatewayConfiguration) -> Void = { _ in }, _ body: (StudioHarness) async throws -> Void
    ) async throws {
        try await self.run(log: log, configure: configure, provider: { _ in provider }, body)
    }

    /// - Parameter provider: made with the store that it shares.
    static func run(
        log: Log = .disabled, configure: (inout GatewayConfiguration) -> Void = { _ in },
        provider: (StudioDatabase) -> ProviderAccess, _ body: (StudioHarness) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vaani-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try StudioDatabase(directory: folder)
        defer { store.close() }
        let routes = StudioRoutes(store, provider: provider(store)) { Self.catalog }.routes
        try await GatewayHarness.run(routes: routes, log: log, configure: configure) {
            try await body(StudioHarness(gateway: $0, store: store))
        }
    }

    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, as user: String = "tara",
        headers: [(String, String)] = []
    ) async -> Answer {
        await self.gateway.ask(method, path, body, as: user, headers: headers)
    }

    /// The id of a new scenario.
    func make(_ changes: [String: JSONValue] = [:], as user: String = "tara") async -> String {
        await self.ask("POST", "/api/scenarios", .object(Self.input(changes)), as: user).json["id"]?.string ?? ""
    }

    static func input(_ changes: [String: JSONValue] = [:]) -> [String: JSONValue] {
        let members: [String: JSONValue] = [
            "title": "Feedback", "description": "Say it kindly", "category": "Leadership", "duration": 15,
        ]
        return members.merging(changes) { $1 }
    }
}
