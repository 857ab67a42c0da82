import Foundation
import JSON

extension DoubleState {
    /// Voices are cloned from a recording at an address. The provider publishes no shape for this: the one here follows
    /// its replicas.
    mutating func voices(_ request: DoubleRequest, _ route: Route, _ now: Date) -> DoubleReply {
        switch (request.method, route.id) {
        case ("POST", nil): return self.cloneVoice(request, now)
        case ("GET", nil):
            guard let page = Page(request.query, first: 1) else { return .badRequest("Invalid limit or page") }
            return page.reply(self.voices.map { self.render($0, now) })
        case ("GET", let id?):
            guard let record = self.voices[id: id] else { return .badRequest("Invalid voice_id") }
            return DoubleReply(200, self.render(record, now))
        default: return .refusal(405, "Method not allowed")
        }
    }

    private mutating func cloneVoice(_ request: DoubleRequest, _ now: Date) -> DoubleReply {
        guard let members = request.members else { return .badRequest("Invalid JSON") }
        guard members["voice_name"]?.string?.isEmpty == false else { return .badRequest("voice_name is required") }
        guard members.contains(where: { $0.key.hasSuffix("_url") && $0.value.string?.hasPrefix("http") == true }) else {
            return .badRequest("audio_url is required")
        }
        let record = DoubleRecord(id: self.mint.next("v"), members: members, at: now, lag: self.settings.replicaLag)
        self.voices.append(record)
        return DoubleReply(200, ["voice_id": .string(record.id), "status": "started"])
    }

    private func render(_ record: DoubleRecord, _ now: Date) -> JSONValue {
        var members = record.times
        members["voice_id"] = .string(record.id)
        members["voice_name"] = record.members["voice_name"]
        members["status"] = .string(record.maturity.status(at: now, ["started", "completed"]))
        return .object(members)
    }
}
