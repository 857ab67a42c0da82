import Transport

/// The version of a document, as `ETag` names it (RFC 9110 section 8.8.3).
///
/// Two numbers: what its author changed, and how far a provider is. An edit minds the first alone: a status that moves
/// meanwhile refuses nobody's edit.
struct EntityTag: Sendable, Equatable, CustomStringConvertible {
    let version: Int
    let state: String

    var description: String { "\"\(self.version)-\(self.state)\"" }

    var header: (String, String) { ("etag", self.description) }

    /// Whether the client has this very document already.
    func isKnown(to head: HTTPRequestHead) -> Bool {
        head.headers.list("if-none-match").contains { $0 == "*" || $0 == self.description || $0 == "W/\(self)" }
    }

    /// The version that the client has seen, where it says; nil where it says nothing, or takes any.
    ///
    /// - Throws: 412 where it names none that this server could have given.
    static func expected(by head: HTTPRequestHead) throws(ErrorResponse) -> Int? {
        let tags = head.headers.list("if-match")
        guard let tag = tags.first, tags != ["*"] else { return nil }
        guard tags.count == 1, tag.hasPrefix("\""), let number = Int(tag.dropFirst().prefix { $0 != "-" }), number > 0
        else {
            throw .changed
        }
        return number
    }
}
