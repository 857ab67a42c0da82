import JSON
import Testing

@testable import Gateway

@Suite struct ErrorResponseTests {
    @Test func `the body says the same sentence under each name that clients read`() {
        let error = ErrorResponse(
            422, "validation_failed", "age: must be a number",
            fields: [.init(field: "age", message: "must be a number")])
        #expect(
            error.body(requestID: "req_1") == [
                "type": "error", "error": "age: must be a number", "message": "age: must be a number",
                "detail": "age: must be a number", "code": "validation_failed",
                "errors": [["field": "age", "message": "must be a number"]], "request_id": "req_1",
            ])
    }

    @Test func `an unknown error tells the outside nothing of itself`() {
        struct Leak: Error, CustomStringConvertible { let description = "/etc/key sk-secret" }
        let body = ErrorResponse(mapping: Leak()).body(requestID: "req_1").text
        #expect(ErrorResponse(mapping: Leak()).status == 500)
        #expect(!body.contains("secret") && !body.contains("/etc"))
    }

    @Test func `malformed JSON is the client's fault`() {
        let error = ErrorResponse(mapping: JSONError("not a JSON document"))
        #expect((error.status, error.code) == (400, "bad_json"))
    }

    @Test func `a status comes with the headers it needs`() {
        func names(_ error: ErrorResponse) -> [String] { error.headers.map { "\($0.0): \($0.1)" } }
        #expect(names(.tooManyHandshakes(retryAfter: 0.2)) == ["retry-after: 1"])
        #expect(names(.notAllowed(["GET", "HEAD"])) == ["allow: GET, HEAD"])
        #expect(names(.full) == ["retry-after: 10"])
        #expect(names(.notAWebSocket).contains("sec-websocket-version: 13"))
        #expect(names(.notFound) == [])
    }

    @Test func `a page that may not connect is told which setting decides`() {
        #expect(ErrorResponse.originNotAllowed.message.contains("setting origins"))
    }
}
