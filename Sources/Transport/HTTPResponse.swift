/// An answer to a request.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// `content-length`, `transfer-encoding`, `connection` and `date` are the server's own and ignored here.
    public var headers: [(String, String)]
    public var body: HTTPBody

    public init(status: Int, headers: [(String, String)] = [], body: HTTPBody = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// `{"type":"error","code":…,"message":…}`, the shape of every refusal.
    ///
    /// - Parameter message: plain words; quotes, backslashes and controls are left out.
    public static func error(
        status: Int, code: String, message: String, headers: [(String, String)] = []
    ) -> HTTPResponse {
        let text = String(message.unicodeScalars.filter { $0 != "\"" && $0 != "\\" && $0.value >= 0x20 })
        let json = #"{"type":"error","code":"\#(code)","message":"\#(text)"}"#
        return HTTPResponse(
            status: status, headers: headers + [("content-type", "application/json")], body: .bytes(Array(json.utf8)))
    }
}

/// The body of an answer.
public enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// Written piece by piece by the closure, which runs in the request's task and is cancelled when the client goes.
    case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
}
