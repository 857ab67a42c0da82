import JSON
import Studio

/// What is asked of a provider of personas that can be seen: it keeps them, and the documents and replicas that they use.
///
/// Whoever asks decides what to do again and when: no method sends a request twice.
public protocol PersonaProvider: Sendable {
    /// In one word, as jobs name it: `tavus`.
    var name: String { get }

    /// The body that makes a persona, and what of it the provider has no place for. Asks nobody.
    ///
    /// - Parameters:
    ///   - marker: travels inside, so that `find` knows the persona again.
    ///   - truncates: shortens a prompt that is too long for the provider, instead of refusing it.
    /// - Throws: `promptTooLong`, `replicaRequired`.
    func payload(
        for config: PersonaConfig, marker: String, truncates: Bool
    ) throws(ProviderError) -> ProviderPayload

    /// Makes a persona.
    ///
    /// - Throws: with `unknownOutcome` where it may exist now although nobody said so.
    func create(_ body: JSONValue) async throws(ProviderError) -> RemotePersona

    /// - Throws: `gone` where there is none of that id.
    func persona(_ id: String) async throws(ProviderError) -> RemotePersona

    /// The persona whose payload had the marker; nil where there certainly is none.
    func find(marker: String) async throws(ProviderError) -> RemotePersona?

    /// Gives a persona that is there another body. The same again changes nothing.
    ///
    /// - Throws: `gone` where there is none of that id.
    func update(_ id: String, to body: JSONValue) async throws(ProviderError)

    /// Takes out a persona; one that is not there is as good as taken out.
    func delete(_ id: String) async throws(ProviderError)

    /// - Throws: `gone` where there is none of that id.
    func document(_ id: String) async throws(ProviderError) -> RemoteDocument

    /// All that fit the query.
    func documents(_ query: DocumentQuery) async throws(ProviderError) -> [RemoteDocument]

    /// - Throws: `gone` where there is none of that id.
    func replica(_ id: String) async throws(ProviderError) -> RemoteReplica

    /// All, also those that are not trained yet.
    func replicas() async throws(ProviderError) -> [RemoteReplica]

    /// Has a replica made of a video.
    func train(_ request: ReplicaTraining) async throws(ProviderError) -> RemoteReplica

    /// Has a voice made of a recording.
    ///
    /// - Throws: `notSupported` where the provider has nothing of the kind.
    func clone(_ request: VoiceCloning) async throws(ProviderError) -> RemoteVoice
}

extension PersonaProvider {
    /// The body that makes a persona; a prompt that is too long is refused.
    public func payload(for config: PersonaConfig, marker: String) throws(ProviderError) -> ProviderPayload {
        try self.payload(for: config, marker: marker, truncates: false)
    }
}

/// A request's body, ready to send.
public struct ProviderPayload: Sendable, Equatable {
    public var body: JSONValue
    /// What was renamed, moved or left out, a sentence each that begins with the field: `tts.voice: …`. For the author.
    public var warnings: [String]

    public init(body: JSONValue, warnings: [String] = []) {
        self.body = body
        self.warnings = warnings
    }
}
