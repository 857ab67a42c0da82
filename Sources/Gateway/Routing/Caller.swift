import Transport

/// Who asks, over HTTP.
public struct Caller: Sendable, Equatable {
    /// Whose records it sees, and who owns what it makes.
    public let user: UserID
    /// Whether a token vouches for it. Where tokens are not asked for, whoever is on this machine sees everything anyway.
    public let isProven: Bool

    /// The name of everybody who gives none, where tokens are not asked for.
    public static let local = Caller(user: .local, isProven: false)
    /// In which a program names its user where tokens are not asked for.
    static let header = "x-vaani-user"

    /// - Throws: 401 for a token whose subject is no user id, 400 for a name that is none.
    init(_ claims: TokenClaims?, _ head: HTTPRequestHead) throws(ErrorResponse) {
        if let claims {
            guard let user = UserID(claims.subject) else {
                throw ErrorResponse(401, .invalid("its subject is no user id"))
            }
            self.init(user: user, isProven: true)
        } else if let name = head.headers[Self.header] {
            guard let user = UserID(name) else { throw .badUserID }
            self.init(user: user, isProven: false)
        } else {
            self = .local
        }
    }

    init(user: UserID, isProven: Bool) {
        self.user = user
        self.isProven = isProven
    }
}
