/// Puts the lines of an answer's head together, as the library hands them over one by one. Bounded.
struct ResponseHeadReader: Sendable {
    struct Head: Sendable, Equatable {
        let status: Int
        let headers: HTTPHeaders
    }

    enum Verdict: Sendable, Equatable {
        case more
        case whole(Head)
        case tooLarge
    }

    private let limit: Int
    private var bytes = 0
    private var status = 0
    private var headers = HTTPHeaders()
    private var isWhole = false

    /// - Parameter limit: bytes of all lines, those of interim answers included.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes one line with its end.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Verdict {
        self.bytes += line.count
        guard self.bytes <= self.limit else { return .tooLarge }
        // What comes behind the body are trailers, which nobody here asks for.
        guard !self.isWhole else { return .more }
        let text = String(decoding: line, as: UTF8.self).filter { $0 != "\r\n" && $0 != "\r" && $0 != "\n" }
        if text.isEmpty { return self.end() }
        if text.hasPrefix("HTTP/") {
            self.status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            self.headers = HTTPHeaders()
        } else if let colon = text.firstIndex(of: ":") {
            self.headers.append(
                String(text[..<colon]), String(text[text.index(after: colon)...]).trimmingBlanks)
        }
        return .more
    }

    /// 1xx announce another answer.
    private mutating func end() -> Verdict {
        guard self.status >= 200 else { return .more }
        self.isWhole = true
        return .whole(Head(status: self.status, headers: self.headers))
    }
}
