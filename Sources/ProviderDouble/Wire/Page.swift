import JSON

/// A part of a list.
struct Page: Sendable, Equatable {
    private let skipped: Int
    private let limit: Int

    /// - Parameters:
    ///   - first: the number of the first page: personas and replicas count from 1, documents from 0.
    /// - Returns: nil where `limit` or `page` is no number that will do.
    init?(_ query: [String: String], first: Int) {
        guard let limit = query["limit"].map({ Int($0) }) ?? 10, let page = query["page"].map({ Int($0) }) ?? first,
            (1...100).contains(limit), (first...1_000_000).contains(page)
        else { return nil }
        self.skipped = (page - first) * limit
        self.limit = limit
    }

    func reply(_ all: [JSONValue]) -> DoubleReply {
        let part = Array(all.dropFirst(self.skipped).prefix(self.limit))
        return DoubleReply(200, ["data": .array(part), "total_count": .integer(all.count)])
    }
}
