/// A request without its body.
public struct HTTPRequestHead: Sendable {
    /// As sent: `GET`, `POST`, or any other token.
    public var method: String
    /// As sent, without the query; not percent-decoded.
    public var path: String
    /// Names and values of the query in order, percent-decoded, `+` as a blank.
    public var query: [(String, String)]
    public var headers: HTTPHeaders
    /// The peer's numeric address, without port. Not what a proxy may claim in a header.
    public var remoteAddress: String
    /// Whether the peer speaks HTTP/1.1; else 1.0.
    public var isVersion11: Bool

    public init(
        method: String, path: String, query: [(String, String)] = [], headers: HTTPHeaders = [:],
        remoteAddress: String = "127.0.0.1", isVersion11: Bool = true
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.remoteAddress = remoteAddress
        self.isVersion11 = isVersion11
    }

    /// The first value of that name in the query.
    public func queryValue(_ name: String) -> String? {
        self.query.first { $0.0 == name }?.1
    }

    /// What `Sec-WebSocket-Protocol` lists, in the client's order.
    public var subprotocols: [String] { self.headers.list("sec-websocket-protocol") }
}

/// A request with its whole body.
public struct HTTPRequest: Sendable {
    public var head: HTTPRequestHead
    public var body: [UInt8]

    public init(head: HTTPRequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}
