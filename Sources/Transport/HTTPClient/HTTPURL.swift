import CCurl

/// An `http` or `https` URL, taken apart by the parser of the library that dials it: where two parsers disagree, a request
/// ends at a host that nobody has checked.
struct HTTPURL: Sendable, Equatable {
    /// Without fragment.
    let text: String
    let scheme: String
    /// Without brackets.
    let host: String
    let port: Int

    /// - Throws: `invalid_request` that names the fault and none of the URL.
    init(_ text: String) throws(HTTPClientError) {
        try self.init(text, relativeTo: nil)
    }

    /// Where a `Location` of this URL's answer leads.
    func following(_ location: String) throws(HTTPClientError) -> HTTPURL {
        try HTTPURL(location, relativeTo: self)
    }

    private init(_ text: String, relativeTo base: HTTPURL?) throws(HTTPClientError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPClientError(.invalidRequest, "a URL is ASCII without blanks")
        }
        guard let parser = curl_url() else { throw HTTPClientError(.invalidRequest, "no memory for a URL") }
        defer { curl_url_cleanup(parser) }
        let flags = UInt32(CURLU_DISALLOW_USER)
        if let base { curl_url_set(parser, CURLUPART_URL, base.text, flags) }
        let status = curl_url_set(parser, CURLUPART_URL, text, flags)
        guard status == CURLUE_OK else {
            throw HTTPClientError(.invalidRequest, "the URL: \(String(cString: curl_url_strerror(status)))")
        }
        curl_url_set(parser, CURLUPART_FRAGMENT, nil, 0)
        guard let text = Self.part(CURLUPART_URL, of: parser), let scheme = Self.part(CURLUPART_SCHEME, of: parser),
            let host = Self.part(CURLUPART_HOST, of: parser), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: parser, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) }),
            port > 0
        else { throw HTTPClientError(.invalidRequest, "the URL has no host or no port") }
        guard scheme == "http" || scheme == "https" else {
            throw HTTPClientError(.invalidRequest, "the scheme is \(scheme), not http or https")
        }
        self.text = text
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host.lowercased()
        self.port = port
    }

    /// For errors and logs.
    var place: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }

    /// Whom a credential may be shown to.
    var origin: String { "\(self.scheme)://\(self.place)" }

    private static func part(_ part: CURLUPart, of parser: OpaquePointer, flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parser, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
