import Foundation
import JSON

extension DoubleState {
    mutating func replicas(
        _ request: DoubleRequest, _ route: Route, _ words: Vocabulary, _ now: Date
    ) -> DoubleReply {
        let isVerbose = request.query["verbose"] == "true"
        switch (request.method, route.id, route.action) {
        case ("POST", nil, nil): return self.trainReplica(request, words, now)
        case ("GET", nil, nil):
            guard let page = Page(request.query, first: 1) else { return .badRequest("Invalid limit or page") }
            return page.reply(self.replicas.map { self.render($0, words, now, isVerbose: isVerbose) })
        case ("GET", let id?, nil):
            guard let record = self.replicas[id: id] else { return .badRequest("Invalid replica_uuid") }
            return DoubleReply(200, self.render(record, words, now, isVerbose: isVerbose))
        case ("DELETE", let id?, nil):
            return self.replicas.remove(id) ? DoubleReply(204) : .badRequest("Invalid replica_uuid")
        default: return .refusal(405, "Method not allowed")
        }
    }

    private mutating func trainReplica(_ request: DoubleRequest, _ words: Vocabulary, _ now: Date) -> DoubleReply {
        guard let sent = request.members else { return .badRequest("Invalid JSON") }
        guard var members = Vocabulary.read(sent) else { return .badRequest("Both names of one field were sent") }
        guard let source = (members["train_video_url"] ?? members["train_image_url"])?.string else {
            return .badRequest("train_video_url is required")
        }
        guard source.hasPrefix("http") else { return .badRequest("Invalid train_video_url") }
        members["replica_type"] = "user"
        let record = DoubleRecord(
            id: self.mint.next("r"), members: members, at: now, lag: self.settings.replicaLag)
        self.replicas.append(record)
        return DoubleReply(200, .object(words.render(["replica_id": .string(record.id), "status": "started"])))
    }

    private func render(_ record: DoubleRecord, _ words: Vocabulary, _ now: Date, isVerbose: Bool) -> JSONValue {
        let (kept, maturity) = (record.members, record.maturity)
        let status = maturity.status(at: now, ["started", "completed"])
        let thumbnail = "https://example.com/replicas/\(record.id).mp4"
        var members = record.times
        members["replica_id"] = .string(record.id)
        members["replica_name"] = kept["replica_name"] ?? .string(record.id)
        members["status"] = .string(status)
        members["training_progress"] = kept["training_progress"] ?? .string("\(maturity.percent(at: now))/100")
        members["error_message"] = maturity.failure.map { .string($0) } ?? .null
        members["thumbnail_video_url"] =
            status == "completed" ? kept["thumbnail_video_url"] ?? .string(thumbnail) : .null
        if isVerbose { members["replica_type"] = kept["replica_type"] }
        return .object(words.render(members))
    }
}
