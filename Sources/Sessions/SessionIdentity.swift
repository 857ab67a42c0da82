/// Which audio a client without `hello` gets.
public enum SessionStyle: String, Sendable {
    /// `/ws-mobile`: one complete WAV per reply.
    case mobile
    /// `/ws`: pieces of raw PCM16.
    case web
}

/// Who is connected, and how.
public struct SessionIdentity: Sendable {
    /// Unique in this process and hard to guess.
    public var id: String
    public var user: String
    public var style: SessionStyle
    /// The persona that the URL names, by id or alias.
    public var persona: String?
    public var mode: String?

    public init(id: String, user: String, style: SessionStyle, persona: String? = nil, mode: String? = nil) {
        self.id = id
        self.user = user
        self.style = style
        self.persona = persona
        self.mode = mode
    }
}
