import JSON
import Personas
import Studio
import Transport

/// Everything that a user can talk to, over HTTP: lists, details, what a session would be told, and the reload.
public struct PersonaRoutes: Sendable {
    private let store: PersonaStore
    private let own: OwnPersonas?
    private let onReload: @Sendable (ReloadReport) -> Void

    /// - Parameters:
    ///   - own: the personas that users made; nil where none are kept.
    ///   - onReload: told of each reload that is asked for here.
    public init(_ store: PersonaStore, own: OwnPersonas? = nil, onReload: @escaping @Sendable (ReloadReport) -> Void) {
        self.store = store
        self.own = own
        self.onReload = onReload
    }

    public var routes: [Route] {
        [
            Route("GET", "/api/personas", docs: .listPersonas) { try self.list($0) },
            Route("GET", "/api/personas/{id}", docs: .readPersona) { try await self.show($0) },
            Route("GET", "/api/personas/{id}/compiled", docs: .compiledPersona) { try await self.compiled($0) },
            Route(
                "POST", "/api/personas/reload", access: .operators, bodyLimit: Route.documentLimit,
                docs: .reloadPersonas
            ) { _ in
                self.reload()
            },
            Route("GET", "/api/astrologers", docs: .listAstrologers) { self.astrologers($0) },
            Route("GET", "/api/astrologers/summary", docs: .astrologerSummary) { _ in self.summary() },
            Route("POST", "/api/astrologers/match", bodyLimit: Route.documentLimit, docs: .matchAstrologer) {
                try self.match($0)
            },
            Route("GET", "/api/astrologers/{id}", docs: .readAstrologer) { try self.astrologer($0) },
        ]
    }

    // MARK: Personas

    private func list(_ request: RouteRequest) throws -> HTTPResponse {
        var filter = self.filter(request)
        if let word = request.head.queryValue("kind") {
            guard let kind = PersonaKind(rawValue: word.lowercased()) else {
                let kinds = PersonaKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ErrorResponse.badRequest("kind \"\(word.prefix(40))\" is none of \(kinds)")
            }
            filter.kind = kind
        }
        filter.text = request.query("q")
        let personas = self.store.catalog.filtered(filter)
        return .json(["items": .array(personas.map(\.listEntry)), "total": .integer(personas.count)])
    }

    private func filter(_ request: RouteRequest) -> PersonaFilter {
        var filter = PersonaFilter()
        filter.language = request.query("language")
        filter.gender = request.query("gender")
        filter.speciality = request.query("speciality")
        filter.specialityContains = request.query("speciality~") ?? request.query("category")
        filter.status = request.query("status") ?? (request.query("active_only") == "false" ? "all" : nil)
        return filter
    }

    private func persona(_ request: RouteRequest, kind: PersonaKind? = nil) throws(ErrorResponse) -> Persona {
        guard let persona = self.store.catalog[request.parameters["id"] ?? ""], kind == nil || persona.kind == kind
        else {
            throw ErrorResponse(404, "persona_not_found", "there is no persona of that id")
        }
        return persona
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        guard let own = try await self.ownPersona(request)?.record else {
            return .json(try self.persona(request).fullDocument)
        }
        return .json(own.document, headers: [own.tag.header])
    }

    private func compiled(_ request: RouteRequest) async throws -> HTTPResponse {
        let mode = request.query("mode")
        if let own = self.own, let stored = try await self.ownPersona(request) {
            return .json(own.compile(stored, mode: mode).json)
        }
        return .json(self.store.catalog.compile(try self.persona(request), mode: mode).json)
    }

    /// A persona of the caller's; nil for one of the product.
    private func ownPersona(_ request: RouteRequest) async throws -> StoredPersona? {
        let name = request.parameters["id"] ?? ""
        guard self.store.catalog[name] == nil else { return nil }
        return try await self.own?.persona(name, of: request.caller.user.rawValue)
    }

    /// 422 where a file is broken and the old catalogue stays in force.
    private func reload() -> HTTPResponse {
        let report = self.store.reload()
        self.onReload(report)
        let rejected = report.rejected.map { JSONValue.object(["id": .string($0.id), "reason": .string($0.reason)]) }
        return .json(
            [
                "loaded": .integer(report.loaded), "rejected": .array(rejected), "in_force": .bool(report.isInForce),
            ], status: report.isInForce ? 200 : 422)
    }

    // MARK: Astrologers, in the words of the apps that list them

    private func astrologers(_ request: RouteRequest) -> HTTPResponse {
        var filter = self.filter(request)
        filter.kind = .astrologer
        let found = self.store.catalog.filtered(filter)
        return .json([
            "success": true, "count": .integer(found.count), "astrologers": .array(found.map(\.astrologerCard)),
        ])
    }

    private func astrologer(_ request: RouteRequest) throws -> HTTPResponse {
        let persona = try self.persona(request, kind: .astrologer)
        return .json(.object(persona.astrologerDetail.merging(["success": true]) { $1 }))
    }

    private func summary() -> HTTPResponse {
        let summary = self.store.catalog.summary(kind: .astrologer)
        return .json([
            "success": true, "total": .integer(summary.total), "active": .integer(summary.active),
            "specialities": .array(summary.specialities.map { .string($0) }),
            "by_language": .object(summary.byLanguage.mapValues { .integer($0) }),
        ])
    }

    private func match(_ request: RouteRequest) throws -> HTTPResponse {
        let body = try request.object()
        guard let query = body["query"]?.string, (1...4_000).contains(query.unicodeScalars.count) else {
            throw ErrorResponse.invalid([.init(field: "query", message: "must be a text of 1 to 4000 characters")])
        }
        if let language = body["language"], !language.isNull, language.string == nil {
            throw ErrorResponse.invalid([.init(field: "language", message: "must be a text")])
        }
        let match = self.store.catalog.match(query, kind: .astrologer, language: body["language"]?.string)
        return .json([
            "success": true, "astrologer": match.map { $0.persona.astrologerCard } ?? .null,
            "matched_keywords": .array((match?.hits ?? []).map { .string($0) }),
        ])
    }
}
