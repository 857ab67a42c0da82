import JSON

/// A conversation that wants an answer.
public struct ChatRequest: Sendable, Equatable {
    public var role: ModelRole
    public var messages: [ChatMessage]
    /// nil: as the role has it.
    public var temperature: Double?
    /// Tokens of the answer at most; the role's own limit stays in force.
    public var maxTokens: Int?
    public var format: ChatFormat
    /// Whose budget pays: a user's or a session's id, kept to this process.
    public var payer: String?

    public init(
        role: ModelRole, messages: [ChatMessage], temperature: Double? = nil, maxTokens: Int? = nil,
        format: ChatFormat = .text, payer: String? = nil
    ) {
        self.role = role
        self.messages = messages
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.format = format
        self.payer = payer
    }
}

/// One turn of a conversation.
public struct ChatMessage: Sendable, Equatable {
    public enum Author: String, Sendable {
        case system, user, assistant
    }

    public var author: Author
    public var text: String

    public init(_ author: Author, _ text: String) {
        self.author = author
        self.text = text
    }
}

/// What shape an answer is to have.
public enum ChatFormat: Sendable, Equatable {
    case text
    /// One JSON object.
    case json
    /// One JSON object that fits a JSON Schema; the reader still has to check it.
    case schema(name: String, JSONValue)
}

/// What a model has answered.
public struct ChatAnswer: Sendable, Equatable {
    public enum FinishReason: String, Sendable {
        case stop, length
        case filtered = "content_filter"
        case other
    }

    /// Where JSON was asked for: one object and nothing around it.
    public var text: String
    public var usage: TokenUsage
    public var finishReason: FinishReason
    /// As the server calls it.
    public var model: String

    public init(text: String, usage: TokenUsage, finishReason: FinishReason, model: String) {
        self.text = text
        self.usage = usage
        self.finishReason = finishReason
        self.model = model
    }
}

/// What an answer cost, in the model's tokens.
public struct TokenUsage: Sendable, Equatable {
    public var prompt: Int
    public var answer: Int
    /// The server did not say: about a token for four bytes.
    public var isEstimate: Bool

    public init(prompt: Int, answer: Int, isEstimate: Bool = false) {
        self.prompt = prompt
        self.answer = answer
        self.isEstimate = isEstimate
    }

    public var total: Int { self.prompt + self.answer }

    /// About what a text costs.
    public static func estimate(_ text: String) -> Int { (text.utf8.count + 3) / 4 }
}
