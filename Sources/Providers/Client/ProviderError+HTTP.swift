import JSON
import Transport

// What a refusal or a broken call of a provider means.
extension ProviderError {
    static func gone(_ detail: String) -> ProviderError {
        ProviderError(.gone, "the provider has nothing of that id", detail: detail, disposition: .never)
    }

    /// No answer, or no whole one.
    ///
    /// - Parameter isCreation: what was to be made may be there, unless nothing can have been sent.
    init(_ error: HTTPClientError, isCreation: Bool) {
        let unsent: Disposition = .retry(after: nil)
        let sent: Disposition = isCreation ? .unknownOutcome : unsent
        switch error.code {
        case .dns, .connect, .tls, .busy, .invalidRequest:
            self.init(
                .unreachable, "the provider could not be reached", detail: error.message, disposition: unsent)
        case .timeout:
            self.init(.timeout, "the provider did not answer in time", detail: error.message, disposition: sent)
        case .tooLarge, .protocol:
            self.init(
                .malformed, "the provider's answer could not be read", detail: error.message, disposition: sent)
        default:
            self.init(
                .unreachable, "the connection to the provider broke", detail: error.message, disposition: sent)
        }
    }

    /// An answer whose status is no success.
    init(_ response: HTTPClientResponse, to call: ProviderCall, _ redaction: Redaction) {
        let words = Self.words(response.body)
        let detail = "\(response.status) \(redaction.reason(words, without: call.sentTexts))"
        if call.gone.contains(response.status) {
            self = .gone(detail)
            return
        }
        switch response.status {
        case 401, 403:
            self.init(
                .unauthorized, "the provider does not take this server's key", detail: detail, disposition: .never)
        case 402: self = .outOfCredits(detail)
        case 404 where !call.isCreation: self = .gone(detail)
        case 429:
            self.init(
                .rateLimited, "the provider was asked too often; it is tried again later", detail: detail,
                disposition: .retry(after: Self.retryAfter(response.headers)))
        case 408, 425, 503:
            let pause = Self.retryAfter(response.headers)
            // Who does not say when to come back may stand in between, with the request carried out behind.
            let isUnknown = call.isCreation && pause == nil
            self.init(
                .unavailable, "the provider cannot serve now", detail: detail,
                disposition: isUnknown ? .unknownOutcome : .retry(after: pause))
        case 500...599:
            self.init(
                .unavailable, "the provider failed", detail: detail,
                disposition: call.isCreation ? .unknownOutcome : .retry(after: nil))
        case 400...499 where call.body == nil:
            // The client has asked for nothing that it could ask for otherwise.
            self.init(
                .unavailable, "the provider refused to tell", detail: detail, disposition: .retry(after: nil))
        case 400...499: self.init(refusal: words.lowercased(), detail)
        default: self = .malformed(detail)
        }
    }

    /// Some refusals have no status of their own: only the words tell them apart.
    private init(refusal words: String, _ detail: String) {
        func says(_ parts: String...) -> Bool { parts.allSatisfy { words.contains($0) } }
        if says("maximum", "concurrent") {
            self.init(
                .busy, "the provider holds as many calls as it may; it is tried again later", detail: detail,
                disposition: .retryLater)
        } else if says("credit") || says("quota") || says("billing") {
            self = .outOfCredits(detail)
        } else if says("invalid", "replica") || says("invalid", "face") {
            self.init(
                .unknownReplica, "the provider knows no replica of that id", detail: detail, disposition: .never,
                field: "defaultReplicaId")
        } else if says("invalid", "document") {
            self.init(
                .unknownDocument, "the provider does not know a document of that id", detail: detail,
                disposition: .never, field: "document_ids")
        } else {
            self.init(.rejected, "the provider does not take it as it is", detail: detail, disposition: .never)
        }
    }

    private static func outOfCredits(_ detail: String) -> ProviderError {
        ProviderError(
            .outOfCredits, "the account at the provider has nothing left; it is tried again later", detail: detail,
            disposition: .retryLater)
    }

    /// A complaint stands under one of three names, as a text or as something deeper; or it is no JSON at all.
    private static func words(_ body: [UInt8]) -> String {
        // Far more than is shown, so that no cut goes through the key before it is taken out.
        let body = Array(body.prefix(64 << 10))
        guard let document = try? JSONValue(parsing: body) else { return String(decoding: body, as: UTF8.self) }
        let complaint = ["message", "error", "detail"].lazy.compactMap { document[$0] }.first { !$0.isNull }
        return complaint?.string ?? (complaint ?? document).text
    }

    /// Seconds, at most a day; dates are not read.
    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        guard let number = headers["retry-after"].flatMap({ Double($0) }), (0...86_400).contains(number) else {
            return nil
        }
        return .milliseconds(Int(number * 1_000))
    }
}
