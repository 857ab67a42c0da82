import JSON
import Transport

/// A request as the double reads it.
public struct DoubleRequest: Sendable, Equatable {
    public var method: String
    public var path: String
    /// The first value of each name.
    public var query: [String: String]
    /// Names in lower case; the first value of each.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(
        _ method: String, _ path: String, query: [String: String] = [:], headers: [String: String] = [:],
        body: JSONValue? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body?.encoded ?? []
    }

    init(_ request: HTTPRequest) {
        let head = request.head
        self.method = head.method
        self.path = head.path
        self.query = Dictionary(head.query) { first, _ in first }
        self.headers = Dictionary(head.headers.fields.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
        self.body = request.body
    }

    static let keyHeader = "x-api-key"

    var key: String? { self.headers[Self.keyHeader] }

    /// An object, or nil where the body is none.
    var members: [String: JSONValue]? { (try? JSONValue(strictly: self.body))?.object }
}
