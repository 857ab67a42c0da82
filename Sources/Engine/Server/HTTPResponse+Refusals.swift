import JSON
import RealtimeProtocol
import Transport

/// Answers in the shape of the vendor's HTTP interface; errors are
/// `{"error":{"message":…,"type":…,"param":…,"code":…}}`.
extension HTTPResponse {
    static func json(_ body: JSONValue, status: Int = 200, headers: [(String, String)] = []) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: headers + [("content-type", "application/json")], body: .bytes(body.encoded))
    }

    static let notFound = Self.refusal(404, .refusal("unknown_url", "there is nothing at this address"))
    static let wrongKey = Self.refusal(
        401, .refusal("invalid_api_key", "the key is missing, expired, or not the one of this engine"))
    static let upgradeRequired = Self.refusal(
        426, .refusal("upgrade_required", "this is a WebSocket: connect with ws:// or wss://"),
        headers: [("upgrade", "websocket")])
    static let tooManySecrets = Self.refusal(
        429, .refusal("rate_limit_exceeded", "too many client secrets are in use"), headers: [("retry-after", "10")])

    static func wrongMethod(_ allowed: String) -> HTTPResponse {
        Self.refusal(
            405, .refusal("method_not_allowed", "this address takes \(allowed)"), headers: [("allow", allowed)])
    }

    static func badRequest(_ error: RealtimeError) -> HTTPResponse {
        Self.refusal(400, error)
    }

    static func full(_ limit: Int) -> HTTPResponse {
        Self.refusal(
            503,
            RealtimeError(
                type: "server_error", code: "session_limit_reached", message: "all \(limit) sessions are in use"),
            headers: [("retry-after", "2")])
    }

    /// What a fault script answers instead of an upgrade.
    static func scripted(_ refusal: FaultScript.Refusal) -> HTTPResponse {
        let error = RealtimeError(
            type: refusal.status < 500 ? "invalid_request_error" : "server_error", code: "refused_by_script",
            message: "the script refuses this connection")
        let headers = refusal.retryAfterSeconds.map { [("retry-after", "\($0)")] } ?? []
        return Self.refusal(refusal.status, error, headers: headers)
    }

    static let notScripted = Self.refusal(
        503,
        RealtimeError(type: "server_error", code: "not_scripted", message: "the script has no such connection"))

    private static func refusal(
        _ status: Int, _ error: RealtimeError, headers: [(String, String)] = []
    ) -> HTTPResponse {
        .json(["error": error.json], status: status, headers: headers)
    }
}
