import JSON

/// What is to go wrong, with which requests and how often.
public struct FaultRule: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        case status(Int)
        /// No answer, ever.
        case hang
        /// The connection ends without one.
        case close
        /// An answer that is no JSON, though it says so.
        case garbage
        /// An answer of many bytes, all of it JSON.
        case oversized(bytes: Int)
        /// The right answer, later.
        case wait(seconds: Double)
    }

    var pattern: RequestPattern
    var action: Action
    /// Requests that it does not touch, before those that it does.
    var skip = 0
    /// Requests that it touches; nil until it is taken away.
    var times: Int?
    /// The request has done its work before things go wrong: made there, and nobody here knows.
    var isApplied = false
    /// Seconds after which the request does its work, whoever is still there to be told; nil for never, or at once.
    var effectAfter: Double?
    var headers: [String: String] = [:]
    /// In place of the body that the action has.
    var body: JSONValue?

    /// In one word, for the journal.
    var name: String {
        switch self.action {
        case .status(let status): String(status)
        case .hang: "hang"
        case .close: "close"
        case .garbage: "garbage"
        case .oversized: "oversized"
        case .wait: "wait"
        }
    }

    /// What becomes of a request.
    ///
    /// - Parameter honest: the answer without the rule; nil where the request was not carried out.
    func outcome(for request: DoubleRequest, honest: DoubleReply?) -> DoubleOutcome {
        switch self.action {
        case .hang: return DoubleOutcome(.hang)
        case .close: return DoubleOutcome(.close)
        case .garbage: return DoubleOutcome(.reply(self.reply(200, Self.garbage, for: request)))
        case .oversized(let bytes):
            let padding = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
            let body = Array(#"{"data":""#.utf8) + padding + Array(#""}"#.utf8)
            return DoubleOutcome(.reply(self.reply(200, body, for: request)))
        case .wait(let seconds):
            guard let honest else { return DoubleOutcome(.close) }
            return DoubleOutcome(.reply(honest), after: .seconds(seconds))
        case .status(let status):
            return DoubleOutcome(.reply(self.reply(status, Self.words(of: status).encoded, for: request)))
        }
    }

    private func reply(_ status: Int, _ own: [UInt8], for request: DoubleRequest) -> DoubleReply {
        var reply = DoubleReply(status)
        reply.headers = ["content-type": "application/json"].merging(self.headers) { $1 }
        reply.body = own
        // A provider that repeats the key in its answer is what a proxy has to fear.
        if let body { reply.body = Array(body.text.replacing("$KEY", with: request.key ?? "").utf8) }
        return reply
    }

    // No JSON from the second byte, and no UTF-8 at the end.
    private static let garbage = Array("<html><body>upstream</body></html>".utf8) + [0xFF, 0xFE, 0x00]

    private static func words(of status: Int) -> JSONValue {
        switch status {
        case 400: ["error": "Invalid request"]
        case 401: ["message": "Invalid access token"]
        case 402: ["message": "The user is out of conversational credits"]
        case 429: ["error": "Too many requests"]
        case 422: ["message": "Unprocessable entity"]
        default: ["message": .string("Status \(status)")]
        }
    }
}
