/// Why what an author of a test wrote is no fault rule, no seed or no order to the double.
public struct ProviderDoubleError: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: String
    /// One sentence that names the thing, the value and what would do.
    public let description: String

    public init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}
