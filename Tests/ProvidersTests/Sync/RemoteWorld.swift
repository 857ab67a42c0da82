import Foundation
import JSON
import Personas
import Storage
import Studio
import Synchronization

@testable import Providers

/// A provider that exists in memory and fails as it is told.
final class RemoteWorld: PersonaProvider {
    /// What happens to the next call of a kind.
    enum Mishap: Sendable {
        case error(ProviderError)
        /// It is done, and nobody hears of it.
        case lostAnswer
    }

    struct State: Sendable {
        var personas: [RemotePersona] = []
        var bodies: [String: JSONValue] = [:]
        var replicas: [String: RemoteReplica] = [:]
        var documents: [String: RemoteDocument] = [:]
        var mishaps: [String: [Mishap]] = [:]
        var isAway = false
        var calls: [String] = []
        /// Told of personas that are looked at.
        var status: SyncStatus?
        var made = 0
    }

    let name = "double"
    let state = Mutex(State())

    var calls: [String] { self.state.withLock { $0.calls } }
    var personas: [RemotePersona] { self.state.withLock { $0.personas } }

    func change(_ body: (inout sending State) -> Void) { self.state.withLock { body(&$0) } }

    func fail(_ kind: String, _ mishaps: Mishap...) { self.change { $0.mishaps[kind, default: []] += mishaps } }

    static let away = ProviderError(.unreachable, "not reached", disposition: .retry(after: nil))
    static let silent = ProviderError(.timeout, "no answer", detail: "words", disposition: .unknownOutcome)
    static let failing = ProviderError(
        .unavailable, "the provider failed", detail: "500 upstream trace", disposition: .retry(after: nil))

    private func call<Value>(
        _ kind: String, _ argument: String = "", _ work: (inout State) throws(ProviderError) -> Value
    ) throws(ProviderError) -> Value {
        let result = self.state.withLock { state -> Result<Value, ProviderError> in
            state.calls.append(argument.isEmpty ? kind : "\(kind) \(argument)")
            guard !state.isAway else { return .failure(Self.away) }
            let mishap = state.mishaps[kind]?.isEmpty == false ? state.mishaps[kind]?.removeFirst() : nil
            if case .error(let error)? = mishap { return .failure(error) }
            do throws(ProviderError) {
                let value = try work(&state)
                return mishap == nil ? .success(value) : .failure(Self.silent)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func payload(
        for config: PersonaConfig, marker: String, truncates: Bool
    ) throws(ProviderError) -> ProviderPayload {
        guard config.name != "Refused" else {
            throw ProviderError(.promptTooLong, "has too much", disposition: .never, field: "systemPrompt")
        }
        var body: [String: JSONValue] = ["system_prompt": .string("\(config.systemPrompt ?? "") [\(marker)]")]
        body["persona_name"] = config.name.map { .string($0) }
        body["default_replica_id"] = config.defaultReplicaID.map { .string($0) }
        body["document_ids"] = .array(config.documentIDs.map { .string($0) })
        return ProviderPayload(body: .object(body), warnings: config.greeting == nil ? [] : ["greeting: none there"])
    }

    func create(_ body: JSONValue) async throws(ProviderError) -> RemotePersona {
        try self.call("create", body["persona_name"]?.string ?? "") { state throws(ProviderError) in
            state.made += 1
            let persona = RemotePersona(
                id: "p\(state.made)", name: body["persona_name"]?.string ?? "",
                systemPrompt: body["system_prompt"]?.string, replicaID: body["default_replica_id"]?.string,
                documentIDs: (body["document_ids"]?.array ?? []).compactMap(\.string))
            state.personas.append(persona)
            state.bodies[persona.id] = body
            return persona
        }
    }

    func persona(_ id: String) async throws(ProviderError) -> RemotePersona {
        try self.call("persona", id) { state throws(ProviderError) in
            guard var persona = state.personas.first(where: { $0.id == id }) else { throw Self.gone }
            persona.status = state.status
            return persona
        }
    }

    func find(marker: String) async throws(ProviderError) -> RemotePersona? {
        try self.call("find") { state throws(ProviderError) in
            state.personas.first { $0.systemPrompt?.contains("[\(marker)]") == true }
        }
    }

    func update(_ id: String, to body: JSONValue) async throws(ProviderError) {
        try self.call("update", id) { state throws(ProviderError) in
            guard state.personas.contains(where: { $0.id == id }) else { throw Self.gone }
            state.bodies[id] = body
        }
    }

    func delete(_ id: String) async throws(ProviderError) {
        try self.call("delete", id) { state throws(ProviderError) in state.personas.removeAll { $0.id == id } }
    }

    func document(_ id: String) async throws(ProviderError) -> RemoteDocument {
        try self.call("document", id) { state throws(ProviderError) in
            guard let document = state.documents[id] else { throw Self.gone }
            return document
        }
    }

    func replica(_ id: String) async throws(ProviderError) -> RemoteReplica {
        try self.call("replica", id) { state throws(ProviderError) in
            guard let replica = state.replicas[id] else { throw Self.gone }
            return replica
        }
    }

    private static let gone = ProviderError(.gone, "nothing of that id", disposition: .never)

    func documents(_ query: DocumentQuery) async throws(ProviderError) -> [RemoteDocument] { [] }
    func replicas() async throws(ProviderError) -> [RemoteReplica] { [] }
    func train(_ request: ReplicaTraining) async throws(ProviderError) -> RemoteReplica { throw .notSupported }
    func clone(_ request: VoiceCloning) async throws(ProviderError) -> RemoteVoice { throw .notSupported }
}

/// A time that stands until it is moved.
final class StandingClock: Sendable {
    private let moment = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { self.moment.withLock { $0 } }
    func pass(_ seconds: Double) { self.moment.withLock { $0 += seconds } }
}
