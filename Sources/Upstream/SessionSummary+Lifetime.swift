import Foundation
import RealtimeProtocol

extension SessionSummary {
    /// How long the provider lets the session live; nil where it says nothing, or says what cannot be, as a server does
    /// whose clock is wrong.
    var lifetime: Duration? { self.lifetime(at: Date().timeIntervalSince1970) }

    /// - Parameter now: seconds since 1970.
    func lifetime(at now: Double) -> Duration? {
        guard let expiresAt = self.expiresAt, Double(expiresAt) > now, Double(expiresAt) < now + 86_400 else {
            return nil
        }
        return .milliseconds(Int((Double(expiresAt) - now) * 1_000))
    }
}
