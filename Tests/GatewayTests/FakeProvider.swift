import JSON
import Providers
import Studio
import Synchronization

/// A provider in memory that keeps what it was asked, and fails where it is told to.
final class FakeProvider: PersonaProvider {
    struct State: Sendable {
        var documents: [RemoteDocument] = []
        var replicas: [RemoteReplica] = []
        /// By the name of the call.
        var failures: [String: ProviderError] = [:]
        var warnings: [String] = []
        /// Told of personas that are looked at.
        var status: SyncStatus?
        var calls: [String] = []
        /// Whether the latest payload was asked for with a prompt that may be shortened.
        var truncates: Bool?
    }

    let name = "fake"
    private let state: Mutex<State>

    init(_ set: (inout State) -> Void = { _ in }) {
        var state = State()
        set(&state)
        self.state = Mutex(state)
    }

    func change(_ body: (inout sending State) -> Void) { self.state.withLock { body(&$0) } }

    var truncates: Bool? { self.state.withLock { $0.truncates } }
    var calls: [String] { self.state.withLock { $0.calls } }

    private func note<Answer: Sendable>(
        _ call: String, _ answer: @Sendable (State) -> Answer?
    ) throws(ProviderError) -> Answer {
        let result: Result<Answer, ProviderError> = self.state.withLock { state in
            state.calls.append(call)
            if let error = state.failures[String(call.prefix { $0 != " " })] { return .failure(error) }
            let gone = ProviderError(.gone, "the provider has nothing of that id", disposition: .never)
            return answer(state).map { .success($0) } ?? .failure(gone)
        }
        return try result.get()
    }

    func payload(
        for config: PersonaConfig, marker: String, truncates: Bool
    ) throws(ProviderError) -> ProviderPayload {
        let state = self.state.withLock { state in
            state.truncates = truncates
            return state
        }
        if let error = state.failures["payload"] { throw error }
        return ProviderPayload(body: .object(config.json), warnings: state.warnings)
    }

    func create(_ body: JSONValue) async throws(ProviderError) -> RemotePersona {
        try self.note("create") { _ in RemotePersona(id: "p1", name: "") }
    }
    func persona(_ id: String) async throws(ProviderError) -> RemotePersona {
        try self.note("persona \(id)") { RemotePersona(id: id, name: "", status: $0.status) }
    }
    func find(marker: String) async throws(ProviderError) -> RemotePersona? {
        try self.note("find") { _ in RemotePersona(id: "p1", name: "") }
    }
    func update(_ id: String, to body: JSONValue) async throws(ProviderError) { try self.note("update \(id)") { _ in } }
    func delete(_ id: String) async throws(ProviderError) { try self.note("delete \(id)") { _ in } }

    func document(_ id: String) async throws(ProviderError) -> RemoteDocument {
        try self.note("document \(id)") { state in state.documents.first { $0.id == id } }
    }
    func documents(_ query: DocumentQuery) async throws(ProviderError) -> [RemoteDocument] {
        try self.note("documents \(query.text ?? "") \(query.tags) \(query.status ?? "")") { $0.documents }
    }
    func replica(_ id: String) async throws(ProviderError) -> RemoteReplica {
        try self.note("replica \(id)") { state in state.replicas.first { $0.id == id } }
    }
    func replicas() async throws(ProviderError) -> [RemoteReplica] { try self.note("replicas") { $0.replicas } }
    func train(_ request: ReplicaTraining) async throws(ProviderError) -> RemoteReplica {
        try self.note("train \(request.videoURL) \(request.consentVideoURL ?? "")") { _ in
            RemoteReplica(id: "r9", name: request.name, progress: .building, status: "started")
        }
    }
    func clone(_ request: VoiceCloning) async throws(ProviderError) -> RemoteVoice {
        try self.note("clone \(request.sampleURL)") { _ in RemoteVoice(id: "v1", name: "") }
    }
}
