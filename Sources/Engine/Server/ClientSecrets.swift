import Synchronization

/// Keys for one client's sessions, made by whoever holds the engine's key, so that a browser never sees that.
///
/// At most `limit` at a time; those that have expired go first. A session outlives the secret that opened it.
final class ClientSecrets: Sendable {
    /// What a secret opens.
    struct Grant: Sendable, Equatable {
        /// What the session begins with.
        var settings: SessionSettings
        var model: String?
        /// Seconds since 1970.
        var expiresAt: Int
    }

    private let limit: Int
    private let grants = Mutex<[String: Grant]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// A new secret; nil when there are too many.
    func make(_ grant: Grant, now: Int) -> String? {
        let secret = Self.random()
        return self.grants.withLock { grants in
            if grants.count >= self.limit { grants = grants.filter { $0.value.expiresAt > now } }
            guard grants.count < self.limit else { return nil }
            grants[secret] = grant
            return secret
        }
    }

    func grant(of secret: String, now: Int) -> Grant? {
        self.grants.withLock { grants in
            guard let grant = grants[secret] else { return nil }
            guard grant.expiresAt > now else {
                grants[secret] = nil
                return nil
            }
            return grant
        }
    }

    /// 190 bits of the system's randomness.
    private static func random() -> String {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var generator = SystemRandomNumberGenerator()
        return "ek_" + String((0..<32).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
