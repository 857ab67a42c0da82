/// One kind of detail that a persona may have, such as a family or a budget.
public struct DetailCategory: Sendable, Equatable {
    public var name: String
    public var description: String
    /// Fields that a persona may have in it, in the order in which they are told to a model.
    public var exampleFields: [String]
    /// When it changes how a persona behaves.
    public var whenRelevant: String
    /// Words of a scenario that speak for it, in lower case; read by the embedded model alone.
    var cues: [String]
    /// Sentences with placeholders by field; read by the embedded model alone.
    var samples: [String: [String]]

    public init(
        name: String, description: String, exampleFields: [String], whenRelevant: String, cues: [String] = [],
        samples: [String: [String]] = [:]
    ) {
        self.name = name
        self.description = description
        self.exampleFields = exampleFields
        self.whenRelevant = whenRelevant
        self.cues = cues
        self.samples = samples
    }
}
