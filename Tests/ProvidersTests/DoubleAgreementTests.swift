import Foundation
import JSON
import ProviderDouble
import Studio
import Testing

@testable import Providers

/// Client and double were written apart, each from what the provider says of itself: they have to agree.
@Suite(.timeLimit(.minutes(1))) struct DoubleAgreementTests {
    struct World: Sendable, CustomTestStringConvertible {
        var profile = ProviderProfile.personas
        var shape = DoubleSettings.Shape.array
        var status = DoubleSettings.StatusMode.none
        var testDescription: String { "\(self.profile.name), \(self.shape), status \(self.status)" }
    }

    private static let worlds = ProviderProfile.all.flatMap { profile in
        DoubleSettings.Shape.allCases.flatMap { shape in
            DoubleSettings.StatusMode.allCases.map { World(profile: profile, shape: shape, status: $0) }
        }
    }

    private func run(_ world: World, _ body: (HTTPPersonaProvider) async throws -> Void) async throws {
        var settings = DoubleSettings()
        settings.key = ScriptedProvider.key
        settings.shape = world.shape
        settings.statusMode = world.status
        let double = try ProviderDouble(DoubleState(settings, at: .now))
        try await ScriptedProvider.serve(double, configure: { $0.profile = world.profile }, body)
    }

    private let config: PersonaConfig? = try? PersonaInput.config([
        "personaName": "Coach", "systemPrompt": "सुनिए, and be kind.", "context": "It rains.",
        "defaultReplicaId": "r0000anna1", "document_ids": ["d0000hand1"], "document_tags": ["hr"],
        "layers": [
            "llm": ["tools": [["name": "wave", "parameters": ["type": "object"]]]],
            "stt": ["participant_pause_sensitivity": "high"],
        ],
    ])

    private func payload(_ provider: HTTPPersonaProvider, _ marker: String) throws -> JSONValue {
        try provider.payload(for: try #require(self.config), marker: marker).body
    }

    @Test func `a persona is found also on the second page`() async throws {
        try await self.run(World()) { provider in
            let made = try await provider.create(try self.payload(provider, "vaani:per_1"))
            for _ in 0..<PageWalk.size { _ = try await provider.create(try self.payload(provider, "vaani:per_2")) }
            let found = try await provider.find(marker: "vaani:per_1")
            #expect(found?.id == made.id)
        }
    }

    @Test(arguments: worlds) func `a persona is made, found by its marker, seen and taken out`(world: World)
        async throws
    {
        try await self.run(world) { provider in
            let before = try await provider.find(marker: "vaani:per_1")
            #expect(before == nil)
            _ = try await provider.create(try self.payload(provider, "vaani:per_12"))
            let made = try await provider.create(try self.payload(provider, "vaani:per_1"))
            _ = try await provider.create(try self.payload(provider, "vaani:per_13"))
            #expect(made.name == "Coach" && made.createdAt != nil)
            #expect(made.status == (world.status == .spec ? made.status : nil))
            let found = try await provider.find(marker: "vaani:per_1")
            #expect(found?.id == made.id)
            let seen = try await provider.persona(made.id)
            #expect(seen.replicaID == "r0000anna1" && seen.documentIDs == ["d0000hand1"])
            #expect(seen.systemPrompt?.hasPrefix("सुनिए, and be kind.\n\n## What you know\nIt rains.") == true)
            try await provider.delete(made.id)
            try await provider.delete(made.id)
            let after = await failure { () throws(ProviderError) in try await provider.persona(made.id) }
            #expect(after?.code == .gone)
            let gone = try await provider.find(marker: "vaani:per_1")
            #expect(gone == nil)
        }
    }

    @Test(arguments: ProviderProfile.all.map(\.name)) func `what the double refuses is told apart`(
        name: String
    ) async throws {
        let profile = try #require(ProviderProfile(named: name))
        try await self.run(World(profile: profile)) { provider in
            for (change, code) in [
                ({ $0.defaultReplicaID = "r9" }, ProviderError.Code.unknownReplica),
                ({ $0.documentIDs = ["d9"] }, .unknownDocument),
            ] as [((inout PersonaConfig) -> Void, ProviderError.Code)] {
                var config = try #require(self.config)
                change(&config)
                let body = try provider.payload(for: config, marker: "m").body
                let error = await failure { () throws(ProviderError) in try await provider.create(body) }
                #expect(error?.code == code && error?.disposition == .never)
            }
            for id in ["d9", "..", "a/b"] {
                let error = await failure { () throws(ProviderError) in try await provider.document(id) }
                #expect(error?.code == .gone, "\(id)")
            }
        }
    }

    @Test(arguments: ProviderProfile.all.map(\.name))
    func `documents and replicas are listed, each with how far it is`(name: String) async throws {
        let profile = try #require(ProviderProfile(named: name))
        try await self.run(World(profile: profile)) { provider in
            let handbooks = try await provider.documents(DocumentQuery(text: "HANDBOOK", tags: ["hr"]))
            #expect(handbooks.map(\.id) == ["d0000hand1"] && handbooks.first?.tags == ["hr", "policy"])
            let empty = try await provider.document("d0000empty")
            #expect(empty.progress == .failed && empty.errorCode == "file_empty")
            let replicas = try await provider.replicas()
            #expect(
                Set(replicas.filter { $0.progress == .ready }.map(\.name)) == ["Anna", "Rohan", "Meera"])
            let trained = try await provider.train(ReplicaTraining(name: "Asha", videoURL: "https://v/1"))
            let seen = try await provider.replica(trained.id)
            #expect(seen.name == "Asha")
        }
    }

    @Test func `a key that is not the double's is told as such`() async throws {
        var settings = DoubleSettings()
        settings.key = "another"
        let double = try ProviderDouble(DoubleState(settings, at: .now))
        try await ScriptedProvider.serve(double, configure: { _ in }) { provider in
            let error = await failure { () throws(ProviderError) in try await provider.replicas() }
            #expect(error?.code == .unauthorized && error?.disposition == .never)
        }
    }
}
