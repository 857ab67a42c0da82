/// Finds what serves a method and a path.
public struct Router<Handler: Sendable>: Sendable {
    private struct Entry: Sendable {
        let method: String
        let template: PathTemplate
        let handler: Handler
    }

    /// What a look-up found.
    public enum Match {
        case found(Handler, parameters: [String: String])
        /// The path exists under these methods, in the order of the alphabet.
        case notAllowed([String])
        case notFound
    }

    private var entries: [Entry] = []

    public init() {}

    /// - Parameter template: a path whose segments in braces are parameters, such as `/api/personas/{id}`.
    public mutating func add(_ method: String, _ template: String, _ handler: Handler) {
        let template = PathTemplate(template)
        precondition(
            !self.entries.contains { $0.method == method && $0.template == template },
            "two handlers for \(method) and one path")
        self.entries.append(Entry(method: method, template: template, handler: handler))
    }

    /// `HEAD` finds what `GET` finds.
    ///
    /// - Parameter path: as sent, neither decoded nor with its query.
    public func match(_ method: String, _ path: String) -> Match {
        let matches = self.entries.compactMap { entry in
            entry.template.match(path).map { (entry: entry, parameters: $0) }
        }
        guard let best = matches.map(\.entry.template.literalCount).max() else { return .notFound }
        let candidates = matches.filter { $0.entry.template.literalCount == best }
        let wanted = method == "HEAD" ? "GET" : method
        if let match = candidates.first(where: { $0.entry.method == wanted }) {
            return .found(match.entry.handler, parameters: match.parameters)
        }
        let methods = Set(candidates.map(\.entry.method))
        return .notAllowed((methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted())
    }
}
