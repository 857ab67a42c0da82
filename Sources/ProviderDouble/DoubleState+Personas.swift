import Foundation
import JSON

extension DoubleState {
    mutating func personas(
        _ request: DoubleRequest, _ route: Route, _ words: Vocabulary, _ now: Date
    ) -> DoubleReply {
        switch (request.method, route.id, route.action) {
        case ("POST", nil, nil): return self.createPersona(request, words, now)
        case ("GET", nil, nil): return self.listPersonas(request, words, now)
        case ("GET", let id?, nil): return self.onePersona(id, words, now)
        case ("PATCH", let id?, nil): return self.patchPersona(id, request, words, now)
        case ("DELETE", let id?, nil):
            return self.personas.remove(id) ? DoubleReply(204) : .refusal(404, "Persona not found")
        default: return .refusal(405, "Method not allowed")
        }
    }

    private mutating func createPersona(_ request: DoubleRequest, _ words: Vocabulary, _ now: Date) -> DoubleReply {
        guard let sent = request.members else { return .badRequest("Invalid JSON") }
        guard let members = Vocabulary.read(sent) else { return .badRequest("Both names of one field were sent") }
        if let refusal = self.refusal(of: members, words) { return refusal }
        let id = self.newPersonaID()
        let record = DoubleRecord(id: id, members: members, at: now, lag: self.settings.personaLag)
        self.personas.append(record)
        var reply: [String: JSONValue] = [
            "persona_id": .string(id), "persona_name": members["persona_name"] ?? .string(id),
            "created_at": .string(now.formatted(.iso8601)),
        ]
        reply.merge(self.status(of: record, now)) { $1 }
        return DoubleReply(200, .object(words.render(reply)))
    }

    private mutating func newPersonaID() -> String {
        defer { self.created += 1 }
        return self.settings.statusMode == .spec ? "p\(123 + self.created)" : self.mint.next("p")
    }

    /// What the provider checks of a persona.
    private func refusal(of members: [String: JSONValue], _ words: Vocabulary) -> DoubleReply? {
        let mode = members["pipeline_mode"] ?? "full"
        guard mode == "full" || mode == "echo" else { return .badRequest("Invalid pipeline_mode") }
        if mode == "full", members["system_prompt"]?.string?.isEmpty ?? true {
            return .badRequest("system_prompt is required")
        }
        if let layers = members["layers"], layers.object == nil { return .badRequest("Invalid layers") }
        switch members["default_replica_id"] {
        case nil: if words.isNewer { return .badRequest("default_face_id is required") }
        case .string(let id)? where self.replicas[id: id] != nil: break
        default: return .badRequest("Invalid replica_uuid")
        }
        let ids = members["document_ids"] ?? []
        let known = ids.array?.allSatisfy { $0.string.map { self.documents[id: $0] != nil } ?? false }
        return known == true ? nil : .badRequest("Invalid document_id")
    }

    private func listPersonas(_ request: DoubleRequest, _ words: Vocabulary, _ now: Date) -> DoubleReply {
        guard let page = Page(request.query, first: 1) else { return .badRequest("Invalid limit or page") }
        let type = request.query[words.word("persona_type")] ?? request.query["persona_type"]
        let chosen = self.personas.filter { type == nil || ($0.members["persona_type"]?.string ?? "user") == type }
        // The latest first.
        return page.reply(chosen.reversed().map { self.render($0, words, now) })
    }

    private func onePersona(_ id: String, _ words: Vocabulary, _ now: Date) -> DoubleReply {
        guard let record = self.personas[id: id] else { return .badRequest("Invalid persona_id") }
        let persona = self.render(record, words, now)
        return DoubleReply(200, self.settings.shape == .array ? ["data": [persona]] : persona)
    }

    private mutating func patchPersona(
        _ id: String, _ request: DoubleRequest, _ words: Vocabulary, _ now: Date
    ) -> DoubleReply {
        guard let record = self.personas[id: id] else { return .badRequest("Invalid persona_id") }
        guard let patch = try? JSONValue(strictly: request.body) else { return .badRequest("Invalid JSON") }
        let before = JSONValue.object(words.render(record.members))
        do throws(PatchFault) {
            let after = try JSONPatch.apply(patch, to: before)
            guard after != before else { return DoubleReply(304) }
            guard let members = after.object.flatMap(Vocabulary.read) else { return .badRequest("Invalid patch") }
            if let refusal = self.refusal(of: members, words) { return refusal }
            self.personas.update(id) {
                $0.members = members
                $0.updatedAt = now
            }
            let reply: [String: JSONValue] = [
                "persona_id": .string(id), "persona_name": members["persona_name"] ?? .string(id),
                "updated_at": .string(now.formatted(.iso8601)),
            ]
            return DoubleReply(200, .object(words.render(reply)))
        } catch {
            switch error {
            case .malformed(let text): return .badRequest(text)
            case .inapplicable(let text): return .refusal(422, text)
            }
        }
    }

    private func render(_ record: DoubleRecord, _ words: Vocabulary, _ now: Date) -> JSONValue {
        var members = record.members.merging(record.times) { $1 }
        members["persona_type"] = nil
        members["persona_id"] = .string(record.id)
        members.merge(self.status(of: record, now)) { $1 }
        return .object(words.render(members))
    }

    /// Nothing, unless personas have a status.
    private func status(of record: DoubleRecord, _ now: Date) -> [String: JSONValue] {
        guard self.settings.statusMode == .spec else { return [:] }
        var members: [String: JSONValue] = ["status": .string(record.maturity.status(at: now, ["queued", "ready"]))]
        members["error"] = record.maturity.failure.map { .string($0) }
        return members
    }
}
