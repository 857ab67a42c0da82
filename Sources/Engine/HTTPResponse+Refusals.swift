import JSON
import Transport

/// Refusals in the shape of the vendor's HTTP errors: `{"error":{"message":…,"type":…,"param":null,"code":…}}`.
extension HTTPResponse {
    static let notFound = Self.refusal(404, "invalid_request_error", "unknown_url", "there is nothing at this address")
    static let wrongKey = Self.refusal(
        401, "invalid_request_error", "invalid_api_key", "the key is missing or not the one of this engine")
    static let upgradeRequired = Self.refusal(
        426, "invalid_request_error", "upgrade_required", "this is a WebSocket: connect with ws:// or wss://",
        headers: [("upgrade", "websocket")])
    static let wrongMethod = Self.refusal(
        405, "invalid_request_error", "method_not_allowed", "this is a WebSocket: connect with GET",
        headers: [("allow", "GET")])

    static func full(_ limit: Int) -> HTTPResponse {
        Self.refusal(
            503, "server_error", "session_limit_reached", "all \(limit) sessions are in use",
            headers: [("retry-after", "2")])
    }

    private static func refusal(
        _ status: Int, _ type: String, _ code: String, _ message: String, headers: [(String, String)] = []
    ) -> HTTPResponse {
        let body: JSONValue = [
            "error": ["message": .string(message), "type": .string(type), "param": .null, "code": .string(code)]
        ]
        return HTTPResponse(
            status: status, headers: headers + [("content-type", "application/json")], body: .bytes(body.encoded))
    }
}
