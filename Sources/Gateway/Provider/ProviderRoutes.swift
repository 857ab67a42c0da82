import Foundation
import JSON
import Providers
import Studio
import Transport

/// What the provider has for personas: documents, replicas, voices. Without a provider every one answers 503.
public struct ProviderRoutes: Sendable {
    // They cost the operator money, and take hours.
    private static let madePerHour = 10
    private static let maxTags = 20

    private let access: ProviderAccess
    private let quota: any QuotaStore

    /// - Parameter quota: counts what users have made.
    public init(_ access: ProviderAccess, quota: any QuotaStore) {
        self.access = access
        self.quota = quota
    }

    public var routes: [Route] {
        let limit = Route.documentLimit
        return Route.provider("GET", "documents", docs: .listDocuments) { try await self.documents($0) }
            + Route.provider("GET", "replicas", docs: .listReplicas) { try await self.replicas($0) }
            + Route.provider("POST", "replicas", bodyLimit: limit, docs: .trainReplica) { try await self.train($0) }
            + Route.provider("POST", "voices", bodyLimit: limit, docs: .cloneVoice) { try await self.clone($0) }
    }

    private func documents(_ request: RouteRequest) async throws -> HTTPResponse {
        var query = DocumentQuery(text: request.query("q") ?? request.query("search"), status: request.query("status"))
        query.tags = request.head.query.filter { $0.0 == "tags" }
            .flatMap { $0.1.split(separator: ",").map(String.init) }
        guard query.tags.count <= Self.maxTags else {
            throw ErrorResponse.invalid([.init(field: "tags", message: "are at most \(Self.maxTags)")])
        }
        return .json(.array(try await self.access.required().documents(query).map(\.json)))
    }

    /// Those that can be used; with `all=1` also those that cannot yet, each with its state.
    private func replicas(_ request: RouteRequest) async throws -> HTTPResponse {
        let all = request.head.queryValue("all") ?? "0"
        guard ["0", "1", "false", "true"].contains(all) else {
            throw ErrorResponse.invalid([.init(field: "all", message: "must be 1 or 0")])
        }
        let replicas = try await self.access.required().replicas()
        guard all == "1" || all == "true" else {
            return .json(.array(replicas.filter { $0.progress == .ready }.map(\.json)))
        }
        return .json(.array(replicas.map(\.trainingJSON)))
    }

    private func train(_ request: RouteRequest) async throws -> HTTPResponse {
        let training = try ReplicaTraining(try request.object())
        let provider = try self.access.required()
        let replica = try await self.counting("replicas", request) { () throws(ProviderError) in
            try await provider.train(training)
        }
        return .json(replica.trainingJSON, status: 201)
    }

    private func clone(_ request: RouteRequest) async throws -> HTTPResponse {
        guard self.access.clonesVoices else { throw ErrorResponse.capabilityDisabled }
        let cloning = try VoiceCloning(try request.object())
        let provider = try self.access.required()
        let voice = try await self.counting("voices", request) { () throws(ProviderError) in
            try await provider.clone(cloning)
        }
        let name = voice.name.isEmpty ? cloning.name : voice.name
        return .json(["id": .string(voice.id), "name": .string(name)], status: 201)
    }

    /// Makes something that counts, unless it certainly was not made.
    ///
    /// - Throws: 429 for a user who has had enough made in the last hour.
    private func counting<Made>(
        _ kind: String, _ request: RouteRequest, _ make: () async throws(ProviderError) -> Made
    ) async throws -> Made {
        let user = request.caller.user.rawValue
        let quota = Quota("provider_\(kind)", limit: Self.madePerHour, window: 3_600)
        if let pause = try await self.quota.take(quota, of: user, now: .now) {
            throw ErrorResponse(
                429, "too_many_\(kind)", "\(quota.limit) \(kind) an hour are the most", retryAfterSeconds: pause)
        }
        do throws(ProviderError) {
            return try await make()
        } catch {
            if error.disposition != .unknownOutcome { try await self.quota.giveBack(quota, of: user) }
            throw error
        }
    }
}

extension Route {
    /// A route under both of the prefixes that apps use.
    ///
    /// - Parameter path: what follows `/api/tavus/` and `/tavus/`.
    static func provider(
        _ method: String, _ path: String, bodyLimit: Int = 0, docs: Operation,
        handle: @escaping @Sendable (RouteRequest) async throws -> HTTPResponse
    ) -> [Route] {
        var alias = docs
        alias.id += "ByShortPath"
        alias.summary = "As /api/tavus/\(path)."
        return [
            Route(method, "/api/tavus/\(path)", bodyLimit: bodyLimit, docs: docs, handle: handle),
            Route(method, "/tavus/\(path)", bodyLimit: bodyLimit, docs: alias, handle: handle),
        ]
    }
}
