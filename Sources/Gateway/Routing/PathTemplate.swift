/// A path with named segments: `/api/personas/{id}/compiled`.
struct PathTemplate: Sendable, Equatable {
    private enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    private let segments: [Segment]

    init(_ text: String) {
        self.segments = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.hasPrefix("{") && $0.hasSuffix("}")
                ? .parameter(String($0.dropFirst().dropLast())) : .literal(String($0))
        }
    }

    /// The parameters, percent-decoded once, or nil where the path is another one.
    ///
    /// An encoded slash stays inside its segment, and `..` is a name like any other: nothing here walks a tree.
    ///
    /// - Parameter path: as the client sent it.
    func match(_ path: String) -> [String: String]? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.hasPrefix("/"), parts.count == self.segments.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(self.segments, parts) {
            guard let value = PercentDecoding.decode(part) else { return nil }
            switch segment {
            case .literal(let literal): guard value == literal else { return nil }
            case .parameter(let name):
                guard !value.isEmpty else { return nil }
                parameters[name] = value
            }
        }
        return parameters
    }

    /// How many segments are fixed: of two templates that match, the one with more is meant.
    var literalCount: Int {
        self.segments.count { if case .literal = $0 { true } else { false } }
    }
}
