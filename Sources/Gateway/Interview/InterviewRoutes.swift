import Interviews
import JSON
import Personas
import Transport

/// Guided interviews, and the persona that they write, over HTTP.
public struct InterviewRoutes: Sendable {
    static let path = "/api/persona/generator"
    // An answer, and what stands around it.
    private static let bodyLimit = 128 << 10

    private let service: InterviewService
    private let persona: PersonaCoreRoutes

    /// - Parameter catalog: how the user's own persona is compiled.
    public init(_ service: InterviewService, catalog: @escaping @Sendable () -> PersonaCatalog) {
        self.service = service
        self.persona = PersonaCoreRoutes(service: service, catalog: catalog)
    }

    public var routes: [Route] {
        let path = Self.path
        return [
            self.post("start", .startInterview) { try await self.start($0) },
            self.post("answer", .answerInterview) { try await self.answer($0, isUpdate: false) },
            self.post("update-answer", .updateAnswer) { try await self.answer($0, isUpdate: true) },
            self.post("pause", .pauseInterview) { request in
                let body = try InterviewBody(request)
                return Self.told(try await self.service.pause(request.caller.user.rawValue, try body.id()))
            },
            self.post("resume", .resumeInterview) { request in
                let body = try InterviewBody(request)
                return Self.told(try await self.service.resume(request.caller.user.rawValue, try body.id()))
            },
            self.post("discard", .discardInterview) { try await self.discard($0) },
            self.post("finalize", .finalizeInterview) { try await self.finalize($0) },
            self.post("apply", .applyInterview) { try await self.apply($0) },
            Route("GET", "\(path)/sessions", docs: .listInterviews) { request in
                .json(try await self.service.sessions(request.caller.user.rawValue))
            },
            Route("GET", "\(path)/sessions/{id}", docs: .readInterview) { request in
                let step = try await self.service.session(request.caller.user.rawValue, try Self.id(in: request))
                return .json(step.document)
            },
            Route("GET", "\(path)/sessions/{id}/summary", docs: .readInterviewSummary) { request in
                let summary = try await self.service.summary(request.caller.user.rawValue, try Self.id(in: request))
                return .json(summary.withoutReasoning)
            },
            Route("GET", "\(path)/sessions/{id}/facets", docs: .readFacets) { request in
                .json(try await self.service.facets(request.caller.user.rawValue, try Self.id(in: request)))
            },
            Route("GET", "\(path)/stats", docs: .interviewStats) { request in
                .json(try await self.service.stats(request.caller.user.rawValue))
            },
            Route("GET", "\(path)/training", docs: .trainingExport) { try await self.training($0) },
        ] + self.persona.routes
    }

    private func post(
        _ name: String, _ docs: Operation, _ handle: @escaping @Sendable (RouteRequest) async throws -> HTTPResponse
    ) -> Route {
        Route("POST", "\(Self.path)/\(name)", bodyLimit: Self.bodyLimit, docs: docs, handle: handle)
    }

    // MARK: Steps

    private func start(_ request: RouteRequest) async throws -> HTTPResponse {
        let body = try InterviewBody(request, mayBeEmpty: true)
        var opening = InterviewService.Opening()
        opening.language = try body.language() ?? opening.language
        opening.trainingConsent = try body.flag("trainingConsent") ?? false
        opening.overrides = try body.overrides()
        return Self.told(try await self.service.start(request.caller.user.rawValue, opening))
    }

    private func answer(_ request: RouteRequest, isUpdate: Bool) async throws -> HTTPResponse {
        let body = try InterviewBody(request)
        let question = try isUpdate ? body.required("questionId") : body.text("questionId")
        let step = try await self.service.answer(
            request.caller.user.rawValue, try body.id(), try body.required("answer"), to: question)
        return Self.told(step)
    }

    private func discard(_ request: RouteRequest) async throws -> HTTPResponse {
        let body = try InterviewBody(request)
        let step = try await self.service.discard(
            request.caller.user.rawValue, try body.id(),
            deletingTranscript: try body.flag("deleteTranscript") ?? false)
        return Self.told(step)
    }

    private static func told(_ step: InterviewService.Step) -> HTTPResponse {
        .json(step.json)
    }

    // MARK: The end

    private func finalize(_ request: RouteRequest) async throws -> HTTPResponse {
        let body = try InterviewBody(request)
        let result = try await self.service.finalize(
            request.caller.user.rawValue, try body.id(), apply: try body.flag("apply") ?? false,
            consent: try body.flag("trainingConsent"), version: try PersonaCoreRoutes.version(expectedBy: request))
        return .json(result.json, headers: [PersonaCoreRoutes.tag(result.version)])
    }

    private func apply(_ request: RouteRequest) async throws -> HTTPResponse {
        let body = try InterviewBody(request)
        let result = try await self.service.apply(
            request.caller.user.rawValue, try body.id(),
            version: try PersonaCoreRoutes.version(expectedBy: request))
        return .json(result.json, headers: [PersonaCoreRoutes.tag(result.version)])
    }

    /// The id in the path; what can be none is nothing that is there.
    private static func id(in request: RouteRequest) throws(ErrorResponse) -> InterviewID {
        guard let id = InterviewID(rawValue: request.parameters["id"] ?? "") else { throw .noSuchRecord }
        return id
    }

    private func training(_ request: RouteRequest) async throws -> HTTPResponse {
        let sessions = try await self.service.training(request.caller.user.rawValue)
        switch request.head.queryValue("format") ?? "json" {
        case "json": return .json(["items": .array(sessions), "total": .integer(sessions.count)])
        case "jsonl": return .text(sessions.map { $0.text + "\n" }.joined(), type: "application/x-ndjson")
        default: throw ErrorResponse.invalid([.init(field: "format", message: "must be json or jsonl")])
        }
    }
}

extension InterviewService.Step {
    /// What a client needs for its next move.
    var json: JSONValue {
        [
            "success": true, "sessionId": .string(self.session.sessionId.rawValue),
            "status": .string(self.session.status.rawValue), "isResumed": .bool(self.isResumed),
            "isPaused": .bool(self.session.pausedAt != nil),
            "question": self.session.openQuestion.map(\.json) ?? .null, "isComplete": .bool(self.isComplete),
            "progress": self.progress, "llmProfile": self.profile.json,
        ]
    }

    private var progress: JSONValue {
        var members = self.coverage.json.object ?? [:]
        members["answered"] = .integer(self.session.answers.count)
        members["asked"] = .integer(self.session.questions.count)
        return .object(members)
    }

    /// The interview as its user may read it: without what the interviewer thought.
    var document: JSONValue {
        var members = self.json.object ?? [:]
        let session = self.session
        members["createdAt"] = .string(session.createdAt.description)
        members["updatedAt"] = .string(session.updatedAt.description)
        members["language"] = .string(session.language)
        members["trainingConsent"] = .bool(session.trainingConsent)
        for (key, time) in [
            ("pausedAt", session.pausedAt), ("finalizedAt", session.finalizedAt), ("appliedAt", session.appliedAt),
            ("abortedAt", session.abortedAt),
        ] {
            members[key] = time.map { .string($0.description) }
        }
        members["questions"] = .array(session.questions.map(\.json))
        members["answers"] = .array(
            session.answers.map {
                [
                    "questionId": .string($0.questionId), "content": .string($0.content),
                    "capturedAt": .string($0.capturedAt.description), "source": .string($0.source.rawValue),
                ]
            })
        return .object(members)
    }
}

extension InterviewSession.Question {
    var json: JSONValue {
        ["id": .string(self.id), "prompt": .string(self.prompt), "category": .string(self.category.rawValue)]
    }
}

extension LLMProfile {
    var json: JSONValue {
        ["role": .string(self.role), "model": .string(self.model), "configured": .bool(self.configured)]
    }
}

extension InterviewService.Result {
    var json: JSONValue {
        [
            "success": true, "sessionId": .string(self.session.sessionId.rawValue),
            "status": .string(self.session.status.rawValue), "applied": .bool(self.isApplied),
            "draft": self.summary["personaDraft"] ?? .null, "confidence": self.summary["confidence"] ?? .null,
            "summary": self.summary["summary"] ?? "", "diff": self.difference.json,
            "version": .string(self.version), "llmProfile": self.profile.json,
        ]
    }
}

extension JSONValue {
    /// A summary as its user may read it.
    fileprivate var withoutReasoning: JSONValue {
        var members = self.object ?? [:]
        members["analysis"] = nil
        return .object(members)
    }
}

extension InterviewService {
    /// What `/api/status` says of it.
    public var status: JSONValue {
        let roles = self.profiles.map { ($0.role, $0.json) }
        let prompted = ["psychotherapist", "curator"].map { name -> (String, JSONValue) in
            let role = self.roles.role(name)
            return (
                name,
                [
                    "allowTools": .bool(role?.allowsTools ?? false),
                    "allowReasoning": .bool(role?.allowsReasoning ?? false),
                    "tasks": .array((role?.tasks ?? []).map { .string($0) }),
                ]
            )
        }
        return [
            "modelRoles": .object(Dictionary(roles, uniquingKeysWith: { $1 })),
            "reasoningRoles": .object(Dictionary(prompted, uniquingKeysWith: { $1 })),
            "skills": .array(
                InterviewSkill.allCases.map { ["name": .string($0.rawValue), "summary": .string($0.summary)] }),
        ]
    }
}

extension ErrorResponse {
    init(_ error: InterviewError) {
        switch error.code {
        case .notFound: self.init(404, "not_found", error.message)
        case .conflict: self.init(409, "conflict", error.message)
        case .changed: self = .changed
        case .forbidden: self.init(403, "forbidden", error.message)
        case .invalid: self = .invalid([FieldError(field: error.field ?? "body", message: error.message)])
        case .unusable: self.init(503, "interview_plan_unusable", error.message, retryAfterSeconds: 30)
        default:
            self.init(
                503, "storage_unavailable", "it could not be kept, and nothing was changed", retryAfterSeconds: 30)
        }
    }
}
