import Foundation
import JSON

/// Who a token says its bearer is, and until when.
public struct TokenClaims: Sendable, Equatable {
    /// The user, as in the path of a voice endpoint.
    public var subject: String
    public var expiresAt: Date
    /// Words after which more is allowed, such as `admin`.
    public var scopes: Set<String>

    public init(subject: String, expiresAt: Date, scopes: Set<String> = []) {
        self.subject = subject
        self.expiresAt = expiresAt
        self.scopes = scopes
    }
}

/// Why a token is not taken.
public struct TokenFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// `token_missing`, `token_expired`, or `token_invalid` for everything else.
    public let code: String
    /// One sentence, free of the token's own text.
    public let description: String

    static let missing = TokenFault(
        code: "token_missing",
        description: "a token is needed: Authorization: Bearer, ?token=, or the subprotocol token.<jwt>")
    static let expired = TokenFault(code: "token_expired", description: "the token has expired; get a new one")

    static func invalid(_ reason: String) -> TokenFault {
        TokenFault(code: "token_invalid", description: "the token is not taken: \(reason)")
    }
}
