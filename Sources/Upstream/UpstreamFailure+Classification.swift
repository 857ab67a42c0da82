import RealtimeProtocol
import Transport

extension UpstreamFailure {
    /// Sorts the end of a connection by what can be done about it.
    init(_ close: WebSocketClose) {
        switch close.cause {
        case .connectFailed(let error): self.init(error)
        case .timeout: self.init(.timeout, "the model went silent")
        case .reset: self.init(.transient, "the connection to the model was reset")
        case .peer, .local: self.init(closeCode: close.code, reason: close.reason)
        }
    }

    /// A connection that never opened.
    private init(_ error: TransportError) {
        guard let status = error.httpStatus else {
            self.init(Self.failureClass(of: error), error.description)
            return
        }
        self.init(
            Self.failureClass(ofStatus: status), "the model refused the connection with HTTP \(status)", status: status,
            retryAfter: error.retryAfterSeconds.map { .seconds($0) })
    }

    private static func failureClass(of error: TransportError) -> Class {
        switch error.code {
        case .connectTimeout: .timeout
        // A certificate that is not accepted stays so: going on without it is what an attacker hopes for.
        case .tls, .invalidTarget: .rejected
        default: .transient
        }
    }

    private static func failureClass(ofStatus status: Int) -> Class {
        switch status {
        case 401, 403: .authentication
        case 402: .quota
        case 408, 504: .timeout
        case 429: .rateLimited
        case 400..<500: .rejected
        case 300..<400: .rejected  // a redirect would carry the key to another host: it is not followed
        default: .transient
        }
    }

    /// A close frame of the model. Codes that are not known, 1012 to 1014 among them, are worth another try.
    private init(closeCode: Int, reason: String) {
        switch closeCode {
        case 1001 where reason.contains("maximum duration"):
            self.init(.sessionExpired, "the model ended the session at its maximum duration", status: closeCode)
        case 1008, 4_001, 4_401, 3_000:
            self.init(.rejected, "the model closed the connection with \(closeCode)", status: closeCode)
        case 4_000: self.init(.rejected, "the model does not speak this dialect any more", status: closeCode)
        default: self.init(.transient, "the model closed the connection with \(closeCode)", status: closeCode)
        }
    }
}
