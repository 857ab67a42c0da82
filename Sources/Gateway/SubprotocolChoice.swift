/// The subprotocol that a voice endpoint grants.
///
/// Browsers can set no header, so they carry a token as a second subprotocol, `token.<jwt>`, which is never granted: it
/// would come back in the answer. Unknown ones are passed over, as a client that offers none is served just the same.
enum SubprotocolChoice {
    static let version1 = "vaani.v1"

    static func grant(_ offered: [String]) -> String? {
        offered.contains(self.version1) ? self.version1 : nil
    }
}
