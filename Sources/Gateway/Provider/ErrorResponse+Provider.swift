import Providers

// What a client is told of a provider's failure: our words, and whether to come again.
extension ErrorResponse {
    static let capabilityDisabled = ErrorResponse(
        501, "capability_disabled", "voices are not cloned here; the setting provider_voices_path enables it")

    init(_ error: ProviderError) {
        let status = Self.status(error)
        self.init(
            status, error.code.rawValue, error.message,
            fields: status == 422 ? error.field.map { [.init(field: $0, message: error.message)] } ?? [] : [],
            retryAfterSeconds: Self.pause(error, status))
    }

    private static func status(_ error: ProviderError) -> Int {
        switch error.code {
        case .notConfigured, .rateLimited, .busy: 503
        case .gone: 404
        case .notSupported: 501
        case .rejected, .unknownReplica, .unknownDocument, .promptTooLong, .replicaRequired: 422
        default: 502
        }
    }

    private static func pause(_ error: ProviderError, _ status: Int) -> Int? {
        switch error.disposition {
        case .retry(let pause?): Int((pause / .seconds(1)).rounded(.up))
        case .retry(nil), .retryLater: status == 503 ? 30 : nil
        case .never, .unknownOutcome: nil
        }
    }
}
