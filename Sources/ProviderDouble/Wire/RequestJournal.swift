import Foundation
import JSON

/// What was asked, in order: the latest few thousand requests.
public struct RequestJournal: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// From 1, over the life of the double.
        let number: Int
        let moment: Date
        let request: DoubleRequest
        /// What a rule had it do.
        let fault: String?
        /// nil where no answer was given.
        let status: Int?
    }

    static let capacity = 4_096

    private(set) var entries: [Entry] = []
    private(set) var total = 0

    /// - Returns: what was noted.
    @discardableResult
    mutating func note(_ request: DoubleRequest, at now: Date, fault: String?, outcome: DoubleOutcome) -> Entry {
        self.total += 1
        var status: Int?
        if case .reply(let reply) = outcome.end { status = reply.status }
        let entry = Entry(number: self.total, moment: now, request: request, fault: fault, status: status)
        // The eldest half at once, so that a long load does not move the list at every request.
        if self.entries.count == Self.capacity { self.entries.removeFirst(Self.capacity / 2) }
        self.entries.append(entry)
        return entry
    }

    mutating func clear() {
        self.entries = []
    }

    /// - Parameter query: `method` and `path` choose; a path that ends with `*` chooses what begins so.
    func json(matching query: [String: String], showingKeys: Bool) -> JSONValue {
        let pattern = RequestPattern(method: query["method"], path: query["path"] ?? "*")
        let chosen = self.entries.filter { pattern.matches($0.request) }
        return [
            "count": .integer(chosen.count), "total": .integer(self.total),
            "requests": .array(chosen.map { $0.json(showingKeys: showingKeys) }),
        ]
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// For whoever measures pauses between requests.
    fileprivate static var iso8601WithMilliseconds: Self { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }
}

extension RequestJournal.Entry {
    /// The key is masked unless asked for: journals are kept and passed on.
    func json(showingKeys: Bool) -> JSONValue {
        var headers = self.request.headers
        if !showingKeys, let key = headers[DoubleRequest.keyHeader] {
            headers[DoubleRequest.keyHeader] = "(masked, \(key.utf8.count) bytes)"
        }
        var members: [String: JSONValue] = [
            "number": .integer(self.number), "at": .string(self.moment.formatted(.iso8601WithMilliseconds)),
            "method": .string(self.request.method), "path": .string(self.request.path),
            "query": .object(self.request.query.mapValues { .string($0) }),
            "headers": .object(headers.mapValues { .string($0) }), "status": self.status.map { .integer($0) } ?? .null,
        ]
        members["fault"] = self.fault.map { .string($0) }
        if !self.request.body.isEmpty {
            members["body"] =
                (try? JSONValue(strictly: self.request.body))
                ?? .string(String(decoding: self.request.body, as: UTF8.self))
        }
        return .object(members)
    }
}
