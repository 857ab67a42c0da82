import JSON

/// One request to a provider.
struct ProviderCall: Sendable {
    var method = "GET"
    var path: String
    var query: [(String, String)] = []
    var body: JSONValue?
    /// Whether something is there afterwards that was not before: then an answer that is missing tells nothing.
    var isCreation = false
    /// Statuses that mean that there is nothing of that id.
    var gone: Set<Int> = []
    /// Statuses beside those of success that mean that there is nothing left to do.
    var done: Set<Int> = []

    init(_ path: String, query: [(String, String)] = []) {
        self.path = path
        self.query = query
    }

    static func create(_ path: String, _ body: JSONValue) -> ProviderCall {
        var call = ProviderCall(path)
        call.method = "POST"
        call.body = body
        call.isCreation = true
        return call
    }

    /// One thing by its id; an id that cannot be part of a path names nothing.
    ///
    /// - Throws: `gone`.
    static func one(_ path: String, _ id: String, method: String = "GET") throws(ProviderError) -> ProviderCall {
        guard !id.isEmpty, id.utf8.count <= 128, id != ".", id != ".." else { throw .gone("") }
        var call = ProviderCall("\(path)/\(Self.escaped(id))")
        call.method = method
        call.gone = [400, 404]
        return call
    }

    /// A JSON Patch (RFC 6902) of one thing. 304 says that it is so already.
    ///
    /// - Throws: `gone`.
    static func change(_ path: String, _ id: String, _ patch: JSONValue) throws(ProviderError) -> ProviderCall {
        var call = try self.one(path, id, method: "PATCH")
        call.body = patch
        call.gone = [404]
        call.done = [304]
        return call
    }

    /// Path and query.
    var target: String {
        let fields = self.query.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }
        return fields.isEmpty ? self.path : "\(self.path)?\(fields.joined(separator: "&"))"
    }

    /// The texts that are sent, so that a provider's complaint can be shown without them.
    var sentTexts: [String] { self.body.map { Self.texts(in: $0) } ?? [] }

    private static func texts(in value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let values): values.flatMap { self.texts(in: $0) }
        case .object(let members): members.values.flatMap { self.texts(in: $0) }
        default: []
        }
    }

    /// RFC 3986: all but the unreserved characters in percent.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let isLetter = (0x61...0x7A).contains(byte | 0x20)
            if isLetter || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte) {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
