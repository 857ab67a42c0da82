import Hashing
import JSON
import Studio
import Transport

// What is needed where something is made, once, even if the request for it comes twice.
extension RouteRequest {
    private static let maxKey = 255
    /// Says that an answer is one of before.
    static let replayed = "idempotent-replayed"

    /// The answer of this request as it is kept beside what it makes; nil where the client has given it no name.
    ///
    /// - Throws: 400 for an `Idempotency-Key` that is empty, too long or not of visible ASCII.
    func remembered(_ response: HTTPResponse) throws(ErrorResponse) -> RememberedAnswer? {
        guard let key = self.head.headers["idempotency-key"] else { return nil }
        guard (1...Self.maxKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest("Idempotency-Key must be 1 to \(Self.maxKey) visible characters of ASCII")
        }
        guard case .bytes(let body) = response.body else { return nil }
        let request = Array("\(self.head.method) \(self.head.path)\n".utf8) + self.body
        return RememberedAnswer(
            key: key, owner: self.caller.user.rawValue, fingerprint: SHA256.hex(request), status: response.status,
            headers: Dictionary(response.headers, uniquingKeysWith: { $1 }), body: body)
    }

    /// Makes something, and answers with `response`, or as it was answered the first time.
    func making(
        _ response: HTTPResponse, _ make: (RememberedAnswer?) async throws(StoreError) -> Creation
    ) async throws -> HTTPResponse {
        switch try await make(try self.remembered(response)) {
        case .made: response
        case .repeated(let answer):
            HTTPResponse(
                status: answer.status,
                headers: answer.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
                    + [(Self.replayed, "true")], body: .bytes(answer.body))
        }
    }

    /// A part of a list, by `limit` and `after`.
    func window() throws -> PageWindow {
        var window = PageWindow()
        var faults: [ErrorResponse.FieldError] = []
        if let text = self.head.queryValue("limit") {
            if let count = Int(text), (1...PageWindow.maxCount).contains(count) {
                window.count = count
            } else {
                faults.append(.init(field: "limit", message: "must be a whole number from 1 to \(PageWindow.maxCount)"))
            }
        }
        if let text = self.head.queryValue("after") {
            window.after = PageMark(text)
            if window.after == nil { faults.append(.init(field: "after", message: "must be a next that was answered")) }
        }
        guard faults.isEmpty else { throw ErrorResponse.invalid(faults) }
        return window
    }

    /// The id in the path.
    ///
    /// - Throws: 404 for what can be none.
    func recordID() throws(ErrorResponse) -> RecordID {
        guard let id = RecordID(self.parameters["id"] ?? "") else { throw .noSuchRecord }
        return id
    }
}

extension ErrorResponse {
    static let noSuchRecord = ErrorResponse(404, "not_found", "there is nothing of that id")
    static let changed = ErrorResponse(
        412, "changed", "it was changed since you read it; read it again, and send If-Match with its ETag")

    init(_ error: StoreError) {
        switch error.code {
        case .notFound: self = .noSuchRecord
        case .changed: self = .changed
        case .keyReused:
            self.init(409, "idempotency_key_reused", "the Idempotency-Key was used for another request")
        case .overQuota:
            self.init(
                429, "too_many_personas", "you have had as many personas made as one may in an hour",
                retryAfterSeconds: error.retryAfterSeconds)
        case .exists: self.init(409, "exists", "there is one of that id already")
        case .busy: self = .unavailable("too many requests wait to be kept; try again in a moment")
        case .unavailable:
            self.init(
                503, "storage_unavailable", "it could not be kept, and nothing was changed", retryAfterSeconds: 30)
        }
    }

    init(_ invalid: InvalidInput) {
        self = .invalid(invalid.violations.map { FieldError(field: $0.field, message: $0.message) })
    }
}
