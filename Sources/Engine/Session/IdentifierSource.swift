/// Makes the ids of one session: a prefix, a part that is the session's own, and a count.
struct IdentifierSource: Sendable, Equatable {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    let salt: String
    private var count = 0

    /// - Parameter salt: keeps the ids of two sessions apart; at most 16 characters, so that an id stays within 32.
    init(salt: String) {
        self.salt = salt
    }

    static func random() -> IdentifierSource {
        IdentifierSource(salt: String((0..<16).map { _ in Self.alphabet[Int.random(in: 0..<Self.alphabet.count)] }))
    }

    mutating func next(_ prefix: String) -> String {
        self.count += 1
        return "\(prefix)_\(self.salt)\(self.count)"
    }
}
