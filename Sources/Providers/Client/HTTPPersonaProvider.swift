import JSON
import Observability
import Studio
import Transport

/// A provider with the API of Tavus, over HTTP.
public struct HTTPPersonaProvider: PersonaProvider {
    public let name = "tavus"
    private let line: ProviderLine
    private var settings: ProviderSettings { self.line.settings }
    private var profile: ProviderProfile { self.line.settings.profile }

    /// - Parameter client: carries the requests; whoever made it ends it.
    public init(_ settings: ProviderSettings, client: HTTPClient, log: Log, metrics: MetricsRegistry) {
        self.line = ProviderLine(settings, client: client, log: log, metrics: metrics)
    }

    // MARK: Personas

    public func payload(
        for config: PersonaConfig, marker: String, truncates: Bool
    ) throws(ProviderError) -> ProviderPayload {
        try PayloadBuilder(
            profile: self.profile, defaultReplica: self.settings.defaultReplica,
            invertsPauseSensitivity: self.settings.invertsPauseSensitivity
        ).payload(for: config, marker: marker, truncates: truncates)
    }

    public func create(_ body: JSONValue) async throws(ProviderError) -> RemotePersona {
        try await self.line.call("create") { deadline throws(ProviderError) in
            let answer = try await self.line.send(.create(self.profile.personasPath, body), by: deadline)
            guard let persona = answer.object.flatMap({ RemotePersona($0) }) else { throw .malformed("no id", true) }
            return persona
        }
    }

    public func persona(_ id: String) async throws(ProviderError) -> RemotePersona {
        try await self.line.call("persona") { deadline throws(ProviderError) in
            try await self.one(self.profile.personasPath, id, by: deadline) { RemotePersona($0) }
        }
    }

    public func update(_ id: String, to body: JSONValue) async throws(ProviderError) {
        try await self.line.call("update") { deadline throws(ProviderError) in
            let answer = try await self.line.send(try .one(self.profile.personasPath, id), by: deadline)
            guard let present = answer.object else { throw .malformed("no object") }
            let patch = PersonaPatch(from: present, to: body, of: self.profile)
            try await self.line.perform(try .change(self.profile.personasPath, id, patch.json), by: deadline)
        }
    }

    public func delete(_ id: String) async throws(ProviderError) {
        try await self.line.call("delete") { deadline throws(ProviderError) in
            do throws(ProviderError) {
                let call = try ProviderCall.one(self.profile.personasPath, id, method: "DELETE")
                try await self.line.perform(call, by: deadline)
            } catch {
                guard error.code == .gone else { throw error }
            }
        }
    }

    public func find(marker: String) async throws(ProviderError) -> RemotePersona? {
        try await self.line.call("find") { deadline throws(ProviderError) in
            let search = MarkerSearch(marker: marker, profile: self.profile, line: self.line, deadline: deadline)
            return try await search.run()
        }
    }

    // MARK: What personas use

    public func document(_ id: String) async throws(ProviderError) -> RemoteDocument {
        try await self.line.call("document") { deadline throws(ProviderError) in
            try await self.one(self.profile.documentsPath, id, by: deadline) { RemoteDocument($0) }
        }
    }

    public func documents(_ query: DocumentQuery) async throws(ProviderError) -> [RemoteDocument] {
        try await self.line.call("documents") { deadline throws(ProviderError) in
            var filters: [(String, String)] = []
            if let text = query.text { filters.append(("name_or_uuid", text)) }
            if !query.tags.isEmpty { filters.append(("tags", query.tags.joined(separator: ","))) }
            if let status = query.status { filters.append(("status", status)) }
            // Documents are counted from page 0, all else from 1.
            let documents = try await self.all(self.profile.documentsPath, filters, from: 0, by: deadline) {
                RemoteDocument($0).map { ($0.id, $0) }
            }
            // Again here, because how a provider matches is its own affair.
            return documents.filter { query.fits($0) }
        }
    }

    public func replica(_ id: String) async throws(ProviderError) -> RemoteReplica {
        try await self.line.call("replica") { deadline throws(ProviderError) in
            try await self.one(self.profile.replicasPath, id, by: deadline) { RemoteReplica($0) }
        }
    }

    public func replicas() async throws(ProviderError) -> [RemoteReplica] {
        try await self.line.call("replicas") { deadline throws(ProviderError) in
            try await self.all(self.profile.replicasPath, [], from: 1, by: deadline) {
                RemoteReplica($0).map { ($0.id, $0) }
            }
        }
    }

    public func train(_ request: ReplicaTraining) async throws(ProviderError) -> RemoteReplica {
        var body: [String: JSONValue] = ["train_video_url": .string(request.videoURL)]
        body[self.profile.replicaName] = .string(request.name)
        body["consent_video_url"] = request.consentVideoURL.map { .string($0) }
        let call = ProviderCall.create(self.profile.replicasPath, .object(body))
        var replica = try await self.line.call("train") { deadline throws(ProviderError) in
            let answer = try await self.line.send(call, by: deadline)
            guard let replica = answer.object.flatMap({ RemoteReplica($0) }) else { throw .malformed("no id", true) }
            return replica
        }
        if replica.name.isEmpty { replica.name = request.name }
        return replica
    }

    public func clone(_ request: VoiceCloning) async throws(ProviderError) -> RemoteVoice {
        guard let path = self.settings.voicesPath else { throw .notSupported }
        var body: [String: JSONValue] = ["voice_name": .string(request.name), "sample_url": .string(request.sampleURL)]
        body["consent_url"] = request.consentURL.map { .string($0) }
        var call = ProviderCall.create(path, .object(body))
        call.gone = [404, 405]
        do throws(ProviderError) {
            return try await self.line.call("clone") { deadline throws(ProviderError) in
                let answer = try await self.line.send(call, by: deadline)
                guard let voice = answer.object.flatMap({ RemoteVoice($0) }) else { throw .malformed("no id", true) }
                return voice
            }
        } catch {
            throw error.code == .gone ? .notSupported : error
        }
    }

    // MARK: Answers

    private func one<Item>(
        _ path: String, _ id: String, by deadline: ContinuousClock.Instant, _ read: (RemoteFields) -> Item?
    ) async throws(ProviderError) -> Item {
        let answer = try await self.line.send(try .one(path, id), by: deadline)
        guard let item = answer.object.flatMap(read) else { throw .malformed("no id") }
        return item
    }

    private func all<Item>(
        _ path: String, _ filters: [(String, String)], from first: Int, by deadline: ContinuousClock.Instant,
        _ read: (RemoteFields) -> (String, Item)?
    ) async throws(ProviderError) -> [Item] {
        var walk = PageWalk(first: first)
        var items: [Item] = []
        var known: Set<String> = []
        var isMore = true
        while isMore {
            let query = filters + [("limit", "\(PageWalk.size)"), ("page", "\(walk.page)")]
            let answer = try await self.line.send(ProviderCall(path, query: query), by: deadline)
            guard let (fields, total) = answer.list else { throw .malformed("no list") }
            let found = fields.compactMap(read)
            items += found.filter { known.insert($0.0).inserted }.map(\.1)
            isMore = walk.took(found.map(\.0), total: total)
        }
        return items
    }
}

extension ProviderError {
    static let notSupported = ProviderError(
        .notSupported, "the provider has no place for it", disposition: .never)
}
