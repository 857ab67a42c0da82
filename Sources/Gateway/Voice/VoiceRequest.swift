import Transport

/// A request for a voice connection, judged by itself: path, user and page.
struct VoiceRequest: Sendable, Equatable {
    let user: UserID
    let flavour: SessionFlavour
    /// The persona that the query names, under any of its names.
    let persona: String?
    let mode: String?

    /// Whether a path is a voice endpoint's, whoever the user may be.
    static func flavour(of path: String) -> (flavour: SessionFlavour, user: Substring)? {
        let prefixes: [(String, SessionFlavour)] = [("/ws-mobile/", .mobile), ("/ws/", .web)]
        for (prefix, flavour) in prefixes where path.hasPrefix(prefix) {
            return (flavour, path.dropFirst(prefix.count))
        }
        return nil
    }

    /// - Throws: 404 for another path, 400 for a user id that is none, 403 for a page that may not connect.
    init(_ head: HTTPRequestHead, origins: OriginPolicy) throws(ErrorResponse) {
        guard let (flavour, segment) = Self.flavour(of: head.path) else { throw .notFound }
        guard let user = PercentDecoding.decode(segment).flatMap({ UserID($0) }) else { throw .badUserID }
        let verdict = origins.judge(origins: head.headers.all("origin"), hosts: head.headers.all("host"))
        guard verdict == .allowed else { throw .originNotAllowed }
        self.user = user
        self.flavour = flavour
        let names = ["persona_id", "astrologer_id", "scenario_id", "interaction_id"]
        self.persona = names.lazy.compactMap { head.queryValue($0) }.first { !$0.isEmpty }
        self.mode = head.queryValue("mode").flatMap { $0.isEmpty ? nil : $0 }
    }
}
