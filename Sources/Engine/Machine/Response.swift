import JSON

/// One response under way.
struct Response: Sendable, Equatable {
    enum Status: Sendable, Equatable {
        case completed
        case cancelled(CancelReason)
        case incomplete
        case failed

        enum CancelReason: String, Sendable {
            case turnDetected = "turn_detected"
            case clientCancelled = "client_cancelled"
        }
    }

    enum Output: Sendable, Equatable {
        case speech(String)
        case text(String)
        case call(ForcedCall, callID: String)
    }

    let id: String
    let itemID: String
    /// nil keeps the response out of the conversation.
    let conversationID: String?
    let output: Output
    let voice: String
    let format: AudioFormat
    let maxOutputTokens: TokenLimit
    var metadata: JSONValue
    let inputTokens: TokenCount
    /// How much audio of the user there was when it began.
    let startedAtMs: Int
    private(set) var transcript: Transcript
    /// At 24 kHz.
    private(set) var samples = 0
    /// A client has cut the item while it was being spoken.
    var isTruncated = false
    /// About what was heard of it, if so.
    var heardWords: String?
    /// Its words are still being written by a language model; nil once they are, or where the engine wrote them.
    var composition: Composition?

    init(
        id: String, itemID: String, conversationID: String?, output: Output, voice: String, format: AudioFormat,
        maxOutputTokens: TokenLimit, metadata: JSONValue, inputTokens: TokenCount, startedAtMs: Int
    ) {
        self.id = id
        self.itemID = itemID
        self.conversationID = conversationID
        self.output = output
        self.voice = voice
        self.format = format
        self.maxOutputTokens = maxOutputTokens
        self.metadata = metadata
        self.inputTokens = inputTokens
        self.startedAtMs = startedAtMs
        self.transcript =
            switch output {
            case .speech(let text): Transcript(text)
            case .text(let text): Transcript(String(text.prefix(4 * maxOutputTokens.count)))
            case .call: Transcript("")
            }
    }

    var milliseconds: Int { self.samples / 24 }

    var isSpoken: Bool {
        if case .speech = self.output { true } else { false }
    }

    /// Adds to the words that are to go out; false where they do not all fit, and no more will.
    mutating func append(_ text: String) -> Bool {
        // A token of text is about four letters; what is spoken ends with its audio.
        let limit = self.isSpoken ? ReplyWriter.maxLength : 4 * self.maxOutputTokens.count
        return self.transcript.append(text, limit: limit)
    }

    /// More audio is about to go out; returns the words that go with it.
    mutating func audioMade(samples: Int) -> String? {
        self.samples += samples
        return self.transcript.words(untilMs: self.milliseconds)
    }

    /// The words that have not gone out.
    mutating func remainingWords() -> String? {
        self.transcript.words(untilMs: .max)
    }

    var isAtLimit: Bool { self.outputTokens.audio >= self.maxOutputTokens.count }

    var outputTokens: TokenCount {
        switch self.output {
        case .speech, .text:
            TokenCount(text: TokenCount.text(self.transcript.said), audio: self.samples / 1_200)
        case .call(let call, _): TokenCount(text: TokenCount.text(call.name + call.arguments))
        }
    }

    /// The item that the response makes, as far as it has come.
    func item(_ status: ConversationItem.Status) -> ConversationItem {
        ConversationItem(id: self.itemID, status: status, body: self.body, heardWords: self.heardWords)
    }

    private var body: ConversationItem.Body {
        switch self.output {
        case .speech:
            .message(
                .assistant,
                [
                    .outputAudio(
                        transcript: self.isTruncated ? nil : self.transcript.said, milliseconds: self.milliseconds)
                ])
        case .text: .message(.assistant, [.outputText(self.transcript.said)])
        case .call(let call, let callID): .functionCall(callID: callID, name: call.name, arguments: call.arguments)
        }
    }
}

/// What a text costs in tokens, by rule of thumb: the vendor's are one for 100 ms heard, one for 50 ms said, and about one
/// for four bytes of text.
struct TokenCount: Sendable, Equatable {
    var text = 0
    var audio = 0

    var total: Int { self.text + self.audio }

    static func text(_ text: String) -> Int { self.text(bytes: text.utf8.count) }
    static func text(bytes: Int) -> Int { (bytes + 3) / 4 }

    mutating func add(_ item: ConversationItem.Body) {
        switch item {
        case .functionCall(_, let name, let arguments): self.text += Self.text(name + arguments)
        case .functionOutput(_, let output): self.text += Self.text(output)
        case .message(_, let content): for part in content { self.add(part) }
        }
    }

    private mutating func add(_ part: ConversationItem.Content) {
        switch part {
        case .inputAudio(let recording): self.audio += recording.milliseconds / 100
        case .outputAudio(_, let milliseconds): self.audio += milliseconds / 50
        case .inputText, .outputText: self.text += Self.text(bytes: part.textBytes)
        case .inputImage: break  // the engine does not look at it
        }
    }
}
