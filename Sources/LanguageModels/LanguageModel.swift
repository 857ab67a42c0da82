/// A model that answers a conversation in text. What it costs, where it is and how it is called is its own affair.
public protocol LanguageModel: Sendable {
    /// Whether somebody is configured to answer in that role.
    func answers(in role: ModelRole) -> Bool

    /// The whole answer. Failures that may pass have been tried again by then.
    func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer

    /// The answer as it is written. Nothing is asked before the first read; what has begun is not tried again.
    func stream(_ request: ChatRequest) -> ChatStream
}

/// What a model is asked for: it decides which model, how warm, and how long. The program's configuration names them.
public struct ModelRole: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Speaks as a persona; heard by a user, so short and quick.
    public static let reply = ModelRole(rawValue: "reply")
    /// Writes down what a user said.
    public static let transcription = ModelRole(rawValue: "transcription")
}

/// Pieces of an answer, then its end. One reader, once. Letting go of it ends the call.
public struct ChatStream: AsyncSequence, Sendable {
    public enum Element: Sendable, Equatable {
        case text(String)
        /// The last element: the whole answer once more, with what it cost.
        case end(ChatAnswer)
    }

    public typealias Failure = LanguageModelError

    private let read: @Sendable () async throws(LanguageModelError) -> Element?

    /// - Parameter read: the next element; nil after the end.
    public init(_ read: @escaping @Sendable () async throws(LanguageModelError) -> Element?) {
        self.read = read
    }

    public func makeAsyncIterator() -> Iterator { Iterator(read: self.read) }

    public struct Iterator: AsyncIteratorProtocol {
        let read: @Sendable () async throws(LanguageModelError) -> Element?

        public mutating func next() async throws(LanguageModelError) -> Element? { try await self.read() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(LanguageModelError) -> Element? {
            try await self.read()
        }
    }
}
