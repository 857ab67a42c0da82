import JSON
import LanguageModels

/// What a server takes of the parts that not all servers of this API take. Learnt from its refusals.
struct ChatDialect: Sendable, Equatable {
    var takesSchema = true
    var takesJSONMode = true
    var takesStreamOptions = true
    var takesTemperature = true
    var tokenLimitKey = "max_tokens"

    /// Leaves out, or calls otherwise, what a refusal is about; false where it is about nothing of ours.
    ///
    /// - Parameter refusal: the server's words, read for names of fields and for nothing else.
    mutating func adapt(to refusal: String, format: ChatFormat) -> Bool {
        let before = self
        if refusal.contains("response_format") || refusal.contains("json_schema") || refusal.contains("json_object") {
            if case .schema = format, self.takesSchema { self.takesSchema = false } else { self.takesJSONMode = false }
        } else if refusal.contains("stream_options") {
            self.takesStreamOptions = false
        } else if refusal.contains("max_completion_tokens") {
            self.tokenLimitKey = "max_completion_tokens"
        } else if refusal.contains("temperature") {
            self.takesTemperature = false
        }
        return self != before
    }

    /// The body of a request.
    func body(_ request: ChatRequest, _ role: ModelsConfiguration.Role, streams: Bool) -> JSONValue {
        var members: [String: JSONValue] = [
            "model": .string(role.model), "messages": .array(self.messages(request)),
            self.tokenLimitKey: .integer(request.limit(role)),
        ]
        if self.takesTemperature, let temperature = request.temperature ?? role.temperature {
            members["temperature"] = .number(temperature)
        }
        members["response_format"] = self.responseFormat(request.format)
        if streams {
            members["stream"] = true
            if self.takesStreamOptions { members["stream_options"] = ["include_usage": true] }
        }
        return .object(members)
    }

    private func responseFormat(_ format: ChatFormat) -> JSONValue? {
        switch format {
        case .text: return nil
        case .schema(let name, let schema) where self.takesSchema:
            return [
                "type": "json_schema", "json_schema": ["name": .string(name), "strict": true, "schema": schema],
            ]
        case .json, .schema: return self.takesJSONMode ? ["type": "json_object"] : nil
        }
    }

    private func messages(_ request: ChatRequest) -> [JSONValue] {
        var messages = request.messages
        if let wish = self.formatInWords(request.format) { messages.append(ChatMessage(.system, wish)) }
        return messages.map { ["role": .string($0.author.rawValue), "content": .string($0.text)] }
    }

    /// JSON mode wants the word JSON in a message, and a server without a mode has only the words.
    private func formatInWords(_ format: ChatFormat) -> String? {
        switch format {
        case .text: return nil
        case .json: return "Answer with one JSON object and nothing else."
        case .schema(_, let schema):
            guard !self.takesSchema else { return nil }
            return "Answer with one JSON object and nothing else. It has to fit this JSON Schema: \(schema.text)"
        }
    }
}

extension ChatRequest {
    /// Tokens that the answer may have.
    func limit(_ role: ModelsConfiguration.Role) -> Int {
        max(1, min(self.maxTokens ?? role.maxTokens, role.maxTokens))
    }

    /// About what the prompt costs.
    var promptTokens: Int { self.messages.reduce(0) { $0 + TokenUsage.estimate($1.text) + 4 } }
}
