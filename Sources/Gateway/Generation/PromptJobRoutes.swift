import Foundation
import JSON
import Studio
import Transport

/// Prompts in the background: a job is begun, and its progress streams or is asked for.
struct PromptJobRoutes: Sendable {
    private static let streamHeaders = [
        ("content-type", "text/event-stream"), ("cache-control", "no-cache, no-transform"), ("x-accel-buffering", "no"),
    ]
    let studio: PersonaStudio
    let stream: JobStream

    var routes: [Route] {
        let path = "/scenario/v2"
        return [
            Route("POST", "\(path)/generate-final-prompts", bodyLimit: Route.documentLimit, docs: .beginPromptJob) {
                try await self.begin($0)
            },
            Route("GET", "\(path)/prompt-generation-status/{id}", docs: .followPromptJob) {
                try await self.follow($0)
            },
            Route("GET", "\(path)/job-status/{id}", docs: .readPromptJob) { try await self.show($0) },
        ]
    }

    private func begin(_ request: RouteRequest) async throws -> HTTPResponse {
        let members = try request.objectOfAnyType()
        let input = try PromptJobInput(members)
        let template = try await self.studio.template(input.templateID, request.caller)
        let job = PromptJob(
            id: PromptJob.newID(), owner: request.owner, templateID: template.id, items: input.items,
            createdAt: .nowInMilliseconds)
        try await self.studio.jobs.begin(job)
        return .json([
            "job_id": .string(job.id.rawValue), "message": "Prompt generation started", "status": "processing",
            "sse_endpoint": .string("/scenario/v2/prompt-generation-status/\(job.id)"),
            "persona_count": .integer(job.items.count),
        ])
    }

    private func show(_ request: RouteRequest) async throws -> HTTPResponse {
        let id = try request.recordID()
        let job = try await found { () throws(StoreError) in
            try await self.studio.jobs.job(id, of: request.owner)
        }
        guard let job else { throw ErrorResponse.noSuchJob }
        return .json(job.json, headers: [("cache-control", "no-store")])
    }

    private func follow(_ request: RouteRequest) async throws -> HTTPResponse {
        let id = try request.recordID()
        let feed = try await found { () throws(StoreError) in
            try await self.studio.jobs.feed(id, of: request.owner)
        }
        guard let feed else { throw ErrorResponse.noSuchJob }
        let seen = self.lastEventID(request)
        let part = feed.part(after: seen ?? 0)
        // An EventSource that comes back to a job that is over must not come again.
        if seen != nil, part.isOver, part.events.isEmpty { return HTTPResponse(status: 204) }
        let stream = self.stream
        return HTTPResponse(
            status: 200, headers: Self.streamHeaders,
            body: .stream { writer in
                try await stream.tell(feed, after: seen ?? 0) { try await writer.write($0) }
            })
    }

    private func lastEventID(_ request: RouteRequest) -> Int? {
        let text = request.head.headers["last-event-id"] ?? request.query("last_event_id")
        return text.flatMap { Int($0) }.map { max(0, $0) }
    }
}

extension ErrorResponse {
    static let noSuchJob = ErrorResponse(404, "job_not_found", "there is no such job, or it is over for too long")
}
