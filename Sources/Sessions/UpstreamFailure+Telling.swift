import ClientProtocol
import RealtimeProtocol

extension UpstreamFailure {
    /// What a client is told: no word of the provider's own text, which may quote the user or name the account.
    var told: (ErrorCode, String) {
        switch self.failureClass {
        case .authentication: (.upstreamAuth, "the model refused the gateway's credentials")
        case .quota: (.upstreamQuota, "the gateway's account at the model is used up")
        case .timeout: (.upstreamTimeout, "the model did not answer in time, try again")
        case .rateLimited: (.rateLimited, "the model is busy, try again in a moment")
        case .sessionExpired: (.sessionExpired, "the model ended the session at its greatest length")
        case .transient, .rejected: (.upstreamUnavailable, "the model cannot be reached, try again")
        }
    }
}
