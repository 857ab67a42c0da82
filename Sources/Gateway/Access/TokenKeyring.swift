import Synchronization

/// The keys in force, exchanged as a whole.
final class TokenKeyring: Sendable {
    /// A key that a token can be signed with.
    enum Key: Sendable {
        case shared(TokenKey)
        case published(PublicTokenKey)

        var algorithm: String {
            switch self {
            case .shared: "HS256"
            case .published(let key): key.algorithm.rawValue
            }
        }

        func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
            switch self {
            case .shared(let key): key.isSignature(signature, of: message)
            case .published(let key): key.isSignature(signature, of: message)
            }
        }
    }

    private struct State: Sendable {
        var keys: [String: TokenKey]
        var signingKey: TokenKey?
        var trusted: TrustedIssuer?

        init(_ keys: [TokenKey], _ trusted: TrustedIssuer?) {
            self.keys = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
            self.signingKey = keys.first
            self.trusted = trusted
        }
    }

    private let state: Mutex<State>

    init(keys: [TokenKey], trusted: TrustedIssuer?) {
        self.state = Mutex(State(keys, trusted))
    }

    var signingKey: TokenKey? { self.state.withLock { $0.signingKey } }
    var trusted: TrustedIssuer? { self.state.withLock { $0.trusted } }

    func replace(keys: [TokenKey], trusted: TrustedIssuer?) {
        self.state.withLock { $0 = State(keys, trusted) }
    }

    /// - Parameter issuer: nil for our own keys.
    func key(_ id: String, of issuer: TrustedIssuer?) -> Key? {
        guard let issuer else { return self.state.withLock { $0.keys[id].map { .shared($0) } } }
        return issuer.keys[id].map { .published($0) }
    }
}
