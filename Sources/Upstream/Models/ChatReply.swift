import JSON
import LanguageModels

/// Reads a whole answer of a chat completion.
enum ChatReply {
    static func read(_ body: [UInt8], for request: ChatRequest, from server: String) throws(LanguageModelError)
        -> ChatAnswer
    {
        guard let document = try? JSONValue(parsing: body), let choice = document["choices"]?.array?.first,
            let message = choice["message"]
        else { throw .malformed("\(server) answered with no chat completion") }
        let reason = ChatAnswer.FinishReason(choice["finish_reason"])
        guard let text = message["content"]?.string, !text.isEmpty else {
            guard reason != .filtered, message["refusal"]?.string == nil else {
                throw LanguageModelError(.filtered, "\(server) would not answer")
            }
            throw .malformed("\(server) answered with no text")
        }
        return ChatAnswer(
            text: try self.shaped(text, request.format, from: server),
            usage: TokenUsage(document["usage"], request: request, answer: text), finishReason: reason,
            model: document["model"]?.string ?? "")
    }

    /// One JSON object and nothing around it, where that was asked for: some models put it into a fence of Markdown.
    static func shaped(_ text: String, _ format: ChatFormat, from server: String) throws(LanguageModelError) -> String {
        guard format != .text else { return text }
        guard let start = text.firstIndex(of: "{"), let end = text.lastIndex(of: "}"), start < end,
            let value = try? JSONValue(parsing: String(text[start...end])), value.object != nil
        else { throw .malformed("\(server) answered with no JSON object") }
        return String(text[start...end])
    }
}

/// Puts the pieces of a streamed chat completion together.
struct ChatAssembler: Sendable {
    private let request: ChatRequest
    private let server: String
    private let maxBytes: Int
    private var text = ""
    private var usage: JSONValue?
    private var reason: ChatAnswer.FinishReason?
    private var model = ""
    /// The stream has said that it is over.
    private(set) var isDone = false

    /// - Parameter maxBytes: of text; a model that ignores its limit of tokens ends here.
    init(_ request: ChatRequest, server: String, maxBytes: Int = 1 << 20) {
        self.request = request
        self.server = server
        self.maxBytes = maxBytes
    }

    var hasText: Bool { !self.text.isEmpty }
    /// About what was written so far.
    var answerTokens: Int { TokenUsage.estimate(self.text) }

    /// The text of one event's data; nil where it carries none.
    mutating func take(_ data: String) throws(LanguageModelError) -> String? {
        guard data != "[DONE]" else {
            self.reason = self.reason ?? .other
            self.isDone = true
            return nil
        }
        guard let chunk = try? JSONValue(parsing: data), chunk.object != nil else {
            throw .malformed("\(self.server) streamed what is no chat completion")
        }
        if let error = chunk["error"], !error.isNull { throw ChatFailure.inStream(error, from: self.server) }
        if let usage = chunk["usage"], !usage.isNull { self.usage = usage }
        if let model = chunk["model"]?.string { self.model = model }
        guard let choice = chunk["choices"]?.array?.first else { return nil }
        if let reason = choice["finish_reason"], reason.string != nil { self.reason = .init(reason) }
        guard let piece = choice["delta"]?["content"]?.string, !piece.isEmpty else { return nil }
        self.text += piece
        guard self.text.utf8.count <= self.maxBytes else {
            throw .malformed("\(self.server) streamed more than \(self.maxBytes) bytes of text")
        }
        return piece
    }

    /// The whole answer, when the stream has ended.
    ///
    /// - Throws: `malformed_answer` where it ended without saying so, or without text.
    func finish() throws(LanguageModelError) -> ChatAnswer {
        guard let reason = self.reason else { throw .malformed("\(self.server) broke its answer off") }
        guard self.hasText else {
            throw reason == .filtered
                ? LanguageModelError(.filtered, "\(self.server) would not answer")
                : .malformed("\(self.server) answered with no text")
        }
        return ChatAnswer(
            text: self.text, usage: TokenUsage(self.usage, request: self.request, answer: self.text),
            finishReason: reason, model: self.model)
    }
}

extension LanguageModelError {
    static func malformed(_ message: String) -> LanguageModelError {
        LanguageModelError(.malformed, message, isRetriable: true)
    }
}

extension ChatAnswer.FinishReason {
    fileprivate init(_ value: JSONValue?) {
        self = value?.string.flatMap { Self(rawValue: $0) } ?? .other
    }
}

extension TokenUsage {
    fileprivate init(_ usage: JSONValue?, request: ChatRequest, answer: String) {
        if let prompt = usage?["prompt_tokens"]?.integer, let answer = usage?["completion_tokens"]?.integer,
            prompt >= 0, answer >= 0
        {
            self.init(prompt: prompt, answer: answer)
        } else {
            self.init(prompt: request.promptTokens, answer: Self.estimate(answer), isEstimate: true)
        }
    }
}
