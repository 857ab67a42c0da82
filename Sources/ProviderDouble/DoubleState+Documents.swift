import Foundation
import JSON

extension DoubleState {
    mutating func documents(_ request: DoubleRequest, _ route: Route, _ now: Date) -> DoubleReply {
        switch (request.method, route.id, route.action) {
        case ("POST", nil, nil): return self.addDocument(request, now)
        case ("GET", nil, nil): return self.listDocuments(request, now)
        case ("GET", let id?, nil):
            guard let record = self.documents[id: id] else { return .badRequest("Invalid document_id") }
            return DoubleReply(200, self.render(record, now))
        case ("PATCH", let id?, nil): return self.renameDocument(id, request, now)
        case ("DELETE", let id?, nil):
            return self.documents.remove(id) ? DoubleReply(204) : .refusal(404, "Document not found")
        case ("POST", let id?, "recrawl"): return self.recrawl(id, now)
        default: return .refusal(405, "Method not allowed")
        }
    }

    private mutating func addDocument(_ request: DoubleRequest, _ now: Date) -> DoubleReply {
        guard let members = request.members else { return .badRequest("Invalid JSON") }
        guard members["document_url"]?.string?.hasPrefix("http") == true else {
            return .badRequest("Invalid document_url")
        }
        let record = DoubleRecord(id: self.mint.next("d"), members: members, at: now, lag: self.settings.documentLag)
        self.documents.append(record)
        return DoubleReply(200, self.render(record, now))
    }

    /// `tags` are joined by commas, and a document has all of them; `name_or_uuid` is a part of the name, or the id.
    private func listDocuments(_ request: DoubleRequest, _ now: Date) -> DoubleReply {
        guard let page = Page(request.query, first: 0) else { return .badRequest("Invalid limit or page") }
        let wanted = (request.query["tags"] ?? "").split(separator: ",").map { JSONValue.string(String($0)) }
        let words = request.query["name_or_uuid"]
        let chosen = self.documents.filter { record in
            let tags = record.members["tags"]?.array ?? []
            let name = record.members["document_name"]?.string ?? ""
            return wanted.allSatisfy(tags.contains)
                && words.map { record.id == $0 || name.lowercased().contains($0.lowercased()) } ?? true
                && request.query["status"].map { $0 == self.status(of: record, now) } ?? true
        }
        return page.reply(chosen.map { self.render($0, now) })
    }

    private mutating func renameDocument(_ id: String, _ request: DoubleRequest, _ now: Date) -> DoubleReply {
        guard let changes = request.members else { return .badRequest("Invalid JSON") }
        let isFound = self.documents.update(id) { record in
            for key in ["document_name", "tags"] where changes[key] != nil { record.members[key] = changes[key] }
            record.updatedAt = now
        }
        guard isFound, let record = self.documents[id: id] else { return .badRequest("Invalid document_id") }
        return DoubleReply(200, self.render(record, now))
    }

    private mutating func recrawl(_ id: String, _ now: Date) -> DoubleReply {
        let lag = self.settings.documentLag
        let isFound = self.documents.update(id) {
            $0.maturity = Maturity(begunAt: now, lag: lag)
            $0.updatedAt = now
        }
        guard isFound else { return .badRequest("Invalid document_id") }
        return DoubleReply(202, ["document_id": .string(id), "status": "recrawling"])
    }

    private func status(of record: DoubleRecord, _ now: Date) -> String {
        record.maturity.status(at: now, ["started", "processing", "ready"])
    }

    private func render(_ record: DoubleRecord, _ now: Date) -> JSONValue {
        var members = record.times
        members["document_id"] = .string(record.id)
        members["document_name"] = record.members["document_name"] ?? .string(record.id)
        members["document_url"] = record.members["document_url"] ?? .null
        members["tags"] = record.members["tags"] ?? []
        members["properties"] = record.members["properties"] ?? [:]
        members["status"] = .string(self.status(of: record, now))
        members["progress"] = .integer(record.maturity.percent(at: now))
        members["error_message"] = record.maturity.failure.map { .string($0) } ?? .null
        return .object(members)
    }
}
