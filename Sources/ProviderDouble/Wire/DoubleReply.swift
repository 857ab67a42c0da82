import JSON

/// A whole answer.
public struct DoubleReply: Sendable, Equatable {
    public var status: Int
    public var headers: [String: String] = [:]
    public var body: [UInt8] = []

    init(_ status: Int, _ body: JSONValue? = nil) {
        self.status = status
        guard let body else { return }
        self.headers["content-type"] = "application/json"
        self.body = body.encoded
    }

    /// The words in which the provider refuses a request that is wrong.
    static func badRequest(_ text: String) -> DoubleReply { DoubleReply(400, ["error": .string(text)]) }

    /// The words in which it refuses everything else.
    static func refusal(_ status: Int, _ text: String) -> DoubleReply {
        DoubleReply(status, ["message": .string(text)])
    }
}

/// What becomes of a request.
public struct DoubleOutcome: Sendable, Equatable {
    public enum End: Sendable, Equatable {
        case reply(DoubleReply)
        /// No answer, and the connection stays open.
        case hang
        /// No answer that is whole, and the connection ends.
        case close
    }

    /// The end comes so much later.
    public var delay: Duration
    public var end: End

    init(_ end: End, after delay: Duration = .zero) {
        self.end = end
        self.delay = delay
    }
}
