/// A request to a server.
public struct HTTPClientRequest: Sendable {
    public enum Body: Sendable, Equatable {
        case none
        case bytes([UInt8])
        /// Sent as `multipart/form-data`, with the content type that belongs to it.
        case form(MultipartForm)
    }

    /// Such as `GET` or `POST`; any token.
    public var method: String
    /// `http://` or `https://`, in ASCII, without user info: credentials belong in a header.
    public var url: String
    /// Sent in this order. Never logged. To another origin a redirect takes only those that say nothing of the caller.
    public var headers: [(String, String)]
    public var body: Body
    /// Redirects that are followed; 0 hands the redirect to the caller.
    public var maxRedirects = 0

    // nil: as the client's configuration has it.
    public var connectTimeout: Duration?
    public var timeout: Duration?
    public var slowTimeout: Duration?
    public var maxResponseBytes: Int?

    public init(
        _ url: String, method: String = "GET", headers: [(String, String)] = [], body: Body = .none
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Whether the URL is one that can be dialled, for configurations that are checked before they are used.
    ///
    /// - Throws: `invalid_request` with the fault, and none of the URL.
    public func checkURL() throws(HTTPClientError) {
        _ = try HTTPURL(self.url)
    }

    func check() throws(HTTPClientError) {
        guard !self.method.isEmpty, self.method.utf8.allSatisfy(\.isToken) else {
            throw HTTPClientError(.invalidRequest, "the method is not a token")
        }
        for (name, value) in self.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(\.isToken),
                value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) })
            else {
                throw HTTPClientError(.invalidRequest, "the header \(name.filter(\.isLetter)) is not well-formed")
            }
        }
    }
}

/// The whole answer to a request.
public struct HTTPClientResponse: Sendable, Equatable {
    public let status: Int
    /// As they came; `content-encoding` and `content-length` tell of the body before it was decompressed.
    public let headers: HTTPHeaders
    public let body: [UInt8]

    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
