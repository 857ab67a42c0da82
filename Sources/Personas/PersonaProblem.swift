/// Why a persona or a file of personas is not taken: one sentence that names the key, what it holds and what it should.
public struct PersonaProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
