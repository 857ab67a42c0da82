/// What a double is like.
public struct DoubleSettings: Sendable, Equatable {
    /// Whether personas tell how far they are.
    public enum StatusMode: String, Sendable, CaseIterable {
        /// As the provider's own document has it: personas carry no status.
        case none
        /// As the specification of the apps has it: `queued`, then `ready`. Ids are counted from `p123`.
        case spec
    }

    /// What asking for one persona gives: the provider's document says an array of one, programs in the field read an
    /// object.
    public enum Shape: String, Sendable, CaseIterable {
        case array, flat
    }

    /// The key that requests have to show; nil takes any, but not none.
    public var key: String?
    public var statusMode = StatusMode.none
    public var shape = Shape.array
    /// Every answer comes so much later; what was asked for is done at once.
    public var delay: Duration = .zero
    /// Seconds from a persona's creation to `ready`, where personas have a status.
    public var personaLag = 0.0
    /// Seconds that replicas train.
    public var replicaLag = 0.0
    /// Seconds that documents take to be read.
    public var documentLag = 0.0
    /// Makes ids of one run differ from those of another.
    public var salt: UInt64 = 0

    public init() {}
}
