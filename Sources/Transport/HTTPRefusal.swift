/// A request that is refused before any application sees it.
struct HTTPRefusal: Error, Equatable {
    let status: Int
    let code: String
    let message: String
    var headers: [String: String] = [:]

    var response: HTTPResponse {
        .error(
            status: self.status, code: self.code, message: self.message,
            headers: self.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    static func malformed(_ message: String) -> HTTPRefusal {
        HTTPRefusal(status: 400, code: "bad_request", message: message)
    }
}
