/// Where an answer sends its reader on to, and what may be sent there.
struct Redirect {
    /// Fields that say nothing about who asks: all that another origin gets.
    private static let harmless: Set<String> = ["accept", "accept-language", "content-type", "user-agent"]

    /// The request after a redirect; nil where the answer is none.
    ///
    /// - Throws: `invalid_request` for a place that may not be asked: no http, or out of TLS into the open.
    static func next(
        after request: HTTPClientRequest, at url: HTTPURL, status: Int, location: String?
    ) throws(HTTPClientError) -> (request: HTTPClientRequest, url: HTTPURL)? {
        guard [301, 302, 303, 307, 308].contains(status), let location else { return nil }
        let target = try url.following(location)
        guard url.scheme == "http" || target.scheme == "https" else {
            throw HTTPClientError(.invalidRequest, "\(url.place) redirects from https to http", status: status)
        }
        var next = request
        next.url = target.text
        // RFC 9110, 15.4: what browsers have always done with the first two.
        let becomesGet = status == 303 ? request.method != "HEAD" : status < 303 && request.method == "POST"
        if becomesGet {
            next.method = "GET"
            next.body = .none
            next.headers.removeAll { $0.0.lowercased() == "content-type" }
        }
        if target.origin != url.origin { next.headers.removeAll { !self.harmless.contains($0.0.lowercased()) } }
        return (next, target)
    }
}
