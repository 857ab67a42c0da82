import Observability

/// What a crowd of synthetic users has seen so far.
final class LoadTally: Sendable {
    let talking = Gauge()
    let chunks = Counter()
    /// Error events, and chunks that the user's own socket refused.
    let errors = Counter()
    /// Connections that ended although nobody asked for it.
    let lost = Counter()
}
