import Interviews
import JSON
import Personas
import Transport

/// The user's own persona: its core as a document, itself as somebody to talk to, and what other questions say about it.
struct PersonaCoreRoutes: Sendable {
    let service: InterviewService
    let catalog: @Sendable () -> PersonaCatalog

    var routes: [Route] {
        [
            Route("GET", "/api/persona-core", docs: .readPersonaCore) { try await self.show($0) },
            Route("POST", "/api/persona-core", bodyLimit: Route.documentLimit, docs: .savePersonaCore) {
                try await self.save($0)
            },
            Route("GET", "/api/persona-core/compiled", docs: .compiledSelf) { try await self.compiled($0) },
            Route(
                "POST", "/api/onboarding/extract-persona", bodyLimit: Route.documentLimit, docs: .extractPersona
            ) { request in
                let transcript = try InterviewBody(request).transcript()
                return .json(try await self.service.extract(transcript, user: request.caller.user.rawValue))
            },
        ]
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        let core = try await self.service.core(request.caller.user.rawValue)
        let tag = Self.tag(core.version)
        guard !request.head.headers.list("if-none-match").contains(tag.1) else {
            return HTTPResponse(status: 304, headers: [tag])
        }
        return .json(core.json, headers: [tag])
    }

    /// The bytes of the body become the file.
    private func save(_ request: RouteRequest) async throws -> HTTPResponse {
        _ = try request.object()
        let core = try await self.service.saveCore(
            request.caller.user.rawValue, request.body, version: try Self.version(expectedBy: request))
        return .json(["success": true, "version": .string(core.version)], headers: [Self.tag(core.version)])
    }

    private func compiled(_ request: RouteRequest) async throws -> HTTPResponse {
        let user = request.caller.user.rawValue
        let word = request.head.queryValue("includePersonaSummary")
        guard let includesSummary = Bool(word ?? "true") else {
            throw ErrorResponse.invalid([.init(field: "includePersonaSummary", message: "must be true or false")])
        }
        guard let persona = try await SelfPersona.read(self.service, user) else {
            throw ErrorResponse(404, "not_found", "there is no persona of yours yet: hold an interview and apply it")
        }
        return .json(self.catalog().compile(persona, mode: includesSummary ? nil : SelfPersona.plainMode).json)
    }

    static func tag(_ version: String) -> (String, String) { ("etag", "\"\(version)\"") }

    /// The version that the client has seen, where it says.
    static func version(expectedBy request: RouteRequest) throws(ErrorResponse) -> String? {
        let tags = request.head.headers.list("if-match")
        guard let tag = tags.first, tags != ["*"] else { return nil }
        guard tags.count == 1, tag.hasPrefix("\""), tag.hasSuffix("\""), tag.count > 2 else { throw .changed }
        return String(tag.dropFirst().dropLast())
    }
}
