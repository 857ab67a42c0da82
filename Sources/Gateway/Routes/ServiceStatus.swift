import JSON

/// What the program tells the gateway about the rest of itself, asked for when somebody wants to know.
public struct ServiceStatus: Sendable {
    /// The model that answers, such as `gpt-realtime` or `vaani-embedded`.
    public var model: String
    /// Where it is: `embedded`, or the upstream's host.
    public var upstream: String
    /// Personas that can be talked to.
    public var personas: Int
    /// Why no session should be sent here, one sentence each; empty when all is well.
    public var faults: [String]

    /// Roles of language models, and skills, for `/api/status`: members of one object.
    public var interviews: JSONValue = [:]

    public init(model: String, upstream: String, personas: Int, faults: [String] = []) {
        self.model = model
        self.upstream = upstream
        self.personas = personas
        self.faults = faults
    }
}
