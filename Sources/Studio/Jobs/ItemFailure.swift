import LanguageModels

/// Why an item has no prompt.
struct ItemFailure: Error {
    var reason: String
    var isRetriable = false
    /// It ends the whole job.
    var fault: String?

    init(_ reason: String, isRetriable: Bool = false, fault: String? = nil) {
        self.reason = reason
        self.isRetriable = isRetriable
        self.fault = fault
    }

    init(_ error: LanguageModelError) {
        let reason =
            switch error.code {
            case .timeout: "LLM timeout"
            case .rateLimited, .overBudget: "LLM rate limited"
            case .quota, .auth, .notConfigured: "LLM not available: \(error.code.rawValue)"
            default: "LLM failed: \(error.code.rawValue)"
            }
        self.init(reason, isRetriable: error.isRetriable)
    }

    init(_ error: StoreError) {
        self.init("the prompt could not be kept", isRetriable: error.isRetriable)
    }
}
