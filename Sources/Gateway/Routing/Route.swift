import JSON
import Transport

/// One thing that can be asked over HTTP.
public struct Route: Sendable {
    public enum Access: Sendable {
        /// Also whoever shows no token: balancers, scrapers, a person who wonders what this is.
        case everyone
        /// Whoever shows a token, where tokens are asked for.
        case users
        /// Whoever shows a token with the scope `admin`. Where tokens are not asked for: programs on this very machine
        /// that ask under a loopback name.
        case operators
    }

    public let method: String
    public let template: String
    public let access: Access
    /// Largest body in bytes.
    public let bodyLimit: Int
    /// What it does, for `/openapi.json`; nil for what no program should call.
    let docs: Operation?
    public let handle: @Sendable (RouteRequest) async throws -> HTTPResponse

    /// - Parameters:
    ///   - template: a path whose segments in braces are parameters, such as `/api/personas/{id}`.
    ///   - docs: nil for what no program should call, such as the parts of a page.
    public init(
        _ method: String, _ template: String, access: Access = .users, bodyLimit: Int = 0, docs: Operation? = nil,
        handle: @escaping @Sendable (RouteRequest) async throws -> HTTPResponse
    ) {
        self.method = method
        self.template = template
        self.access = access
        self.bodyLimit = bodyLimit
        self.docs = docs
        self.handle = handle
    }

    /// Largest body of a request that carries a document: 1 MiB.
    public static let documentLimit = 1 << 20
}

/// A request that has found its route.
public struct RouteRequest: Sendable {
    public let head: HTTPRequestHead
    public let body: [UInt8]
    /// By the names in the route's template, percent-decoded.
    public let parameters: [String: String]
    public let id: RequestID
    /// Who asks.
    public let caller: Caller

    public init(
        head: HTTPRequestHead, body: [UInt8], parameters: [String: String], id: RequestID, caller: Caller = .local
    ) {
        self.head = head
        self.body = body
        self.parameters = parameters
        self.id = id
        self.caller = caller
    }

    /// The first value of that name in the query; nil also where it is empty.
    public func query(_ name: String) -> String? {
        self.head.queryValue(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether `Accept` names that type itself, rather than anything at all.
    func accepts(_ type: String) -> Bool {
        self.head.headers.list("accept").contains { range in
            let parts = range.lowercased().filter { $0 != " " && $0 != "\t" }.split(separator: ";")
            return parts.first.map { $0 == type } == true && !parts.dropFirst().contains { Self.isZeroQuality($0) }
        }
    }

    private static func isZeroQuality(_ parameter: Substring) -> Bool {
        parameter.hasPrefix("q=") && Double(parameter.dropFirst(2)) == 0
    }

    /// The body as a JSON object.
    ///
    /// - Throws: `ErrorResponse` 415 for another declared type, 400 for anything but an object.
    public func object() throws -> [String: JSONValue] {
        let type = self.head.headers["content-type"]?.split(separator: ";").first.map { $0.lowercased() }
        if let type, type != "application/json", !type.hasSuffix("+json") {
            throw ErrorResponse(415, "unsupported_media_type", "the body must be application/json")
        }
        guard let object = try JSONValue(strictly: self.body).object else {
            throw ErrorResponse.badRequest("the body must be a JSON object", code: "bad_json")
        }
        return object
    }
}

extension HTTPResponse {
    /// A JSON document.
    public static func json(
        _ value: JSONValue, status: Int = 200, headers: [(String, String)] = []
    ) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("content-type", "application/json")] + headers, body: .bytes(value.encoded))
    }

    /// Plain text in UTF-8.
    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> HTTPResponse {
        HTTPResponse(status: 200, headers: [("content-type", type)], body: .bytes(Array(text.utf8)))
    }
}

extension ErrorResponse {
    func response(requestID: RequestID) -> HTTPResponse {
        .json(self.body(requestID: requestID.description), status: self.status, headers: self.headers)
    }
}
