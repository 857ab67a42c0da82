import JSON
import LanguageModels
import Transport

/// What a refusal or a broken call means.
struct ChatFailure: Error, Sendable, Equatable {
    let error: LanguageModelError
    /// The server's own words, where it refused the request as such: for `ChatDialect` alone, never to be shown.
    var refusal: String?

    init(_ error: LanguageModelError, refusal: String? = nil) {
        self.error = error
        self.refusal = refusal
    }

    init(_ error: HTTPClientError) {
        switch error.code {
        case .cancelled: self.init(.cancelled)
        case .timeout: self.init(LanguageModelError(.timeout, error.message, isRetriable: true))
        case .tooLarge, .protocol: self.init(.malformed(error.message))
        default: self.init(LanguageModelError(.unavailable, error.message, isRetriable: error.isRetriable))
        }
    }

    /// An answer whose status is no success.
    init(status: Int, headers: HTTPHeaders, body: [UInt8], from server: String) {
        let error = (try? JSONValue(parsing: body))?["error"]
        let code = Self.word(error?["code"]) ?? Self.word(error?["type"])
        let told = "\(server) answered \(status)\(code.map { " (\($0))" } ?? "")"
        let retryAfter = Self.retryAfter(headers)
        switch status {
        case 401, 403: self.init(LanguageModelError(.auth, told))
        case 402: self.init(LanguageModelError(.quota, told))
        case 429:
            let isUsedUp = code == "insufficient_quota" || code == "billing_hard_limit_reached"
            self.init(
                isUsedUp
                    ? LanguageModelError(.quota, told)
                    : LanguageModelError(.rateLimited, told, isRetriable: true, retryAfter: retryAfter))
        case 408, 409, 425, 500...599:
            self.init(LanguageModelError(.unavailable, told, isRetriable: true, retryAfter: retryAfter))
        default:
            let words = error?["message"]?.string ?? String(decoding: body.prefix(4_096), as: UTF8.self)
            self.init(LanguageModelError(.refused, told), refusal: words)
        }
    }

    /// An error that came in the middle of a stream.
    static func inStream(_ error: JSONValue, from server: String) -> LanguageModelError {
        let code = self.word(error["code"]) ?? self.word(error["type"])
        let told = "\(server) ended its answer\(code.map { " (\($0))" } ?? "")"
        return code == "rate_limit_exceeded"
            ? LanguageModelError(.rateLimited, told, isRetriable: true)
            : LanguageModelError(.unavailable, told, isRetriable: true)
    }

    /// A code that is one word: a server may put anything there.
    private static func word(_ value: JSONValue?) -> String? {
        guard let text = value?.string, (1...48).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F })
        else { return nil }
        return text
    }

    /// Seconds, or OpenAI's milliseconds; dates are not read.
    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        if let text = headers["retry-after-ms"], let number = Double(text), (0...3_600_000).contains(number) {
            return .milliseconds(Int(number))
        }
        guard let text = headers["retry-after"], let number = Double(text), (0...3_600).contains(number) else {
            return nil
        }
        return .milliseconds(Int(number * 1_000))
    }
}
