/// Why a load test cannot run, or gave no figures: one sentence for a person.
public struct LoadError: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
