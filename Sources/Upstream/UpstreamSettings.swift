/// How connections to a model are dialled, kept and given up.
public struct UpstreamSettings: Sendable, Equatable {
    /// Connections that each loop keeps ready for sessions to come; 0 dials only when one is needed.
    public var poolSize = 0
    /// A connection that nobody took is replaced at this age.
    public var poolAge: Duration = .seconds(60)
    /// How long an endpoint may take to begin a session while there is another to try.
    public var patience: Duration = .milliseconds(1_500)
    /// How long a connection is used, where its provider does not say that it is less.
    public var sessionLimit: Duration = .seconds(3_600)

    public init() {}
}
