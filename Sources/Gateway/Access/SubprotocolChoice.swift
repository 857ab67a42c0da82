/// The subprotocol that a voice endpoint grants.
///
/// Browsers can set no header, so they carry a token as a second subprotocol, `token.<jwt>`, which is never granted: it
/// would come back in the answer. Unknown ones are passed over, as a client that offers none is served just the same.
enum SubprotocolChoice {
    static let version1 = "vaani.v1"

    /// The token that a subprotocol carries.
    static func token(_ subprotocol: String) -> String? {
        subprotocol.hasPrefix("token.") ? String(subprotocol.dropFirst("token.".count)) : nil
    }

    static func grant(_ offered: [String]) -> String? {
        offered.contains(self.version1) ? self.version1 : nil
    }
}
