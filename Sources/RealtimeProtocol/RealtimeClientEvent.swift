import JSON

/// What a client says to a realtime model, GA shapes (OpenAI Realtime, client events).
public enum RealtimeClientEvent: Sendable, Equatable {
    case sessionUpdate(SessionUpdate)
    /// PCM16 LE mono 24 kHz, or what the session's input format says.
    case appendInputAudio([UInt8])
    case commitInputAudio
    case clearInputAudio
    case createItem(NewItem, previousItemID: String? = nil)
    case truncateItem(itemID: String, contentIndex: Int, audioEndMs: Int)
    case deleteItem(itemID: String)
    case createResponse(ResponseRequest)
    case cancelResponse(responseID: String?)
}

/// The part of a session's configuration that a client sets. What is nil is left as it is.
public struct SessionUpdate: Sendable, Equatable {
    public var instructions: String?
    /// Only before the first assistant audio: afterwards a different voice rejects the whole update.
    public var voice: String?
    public var turnDetection: TurnDetectionSetting?
    public var transcription: TranscriptionSetting?
    /// Function tools in the protocol's own flat form.
    public var tools: [JSONValue]?

    public init(
        instructions: String? = nil, voice: String? = nil, turnDetection: TurnDetectionSetting? = nil,
        transcription: TranscriptionSetting? = nil, tools: [JSONValue]? = nil
    ) {
        self.instructions = instructions
        self.voice = voice
        self.turnDetection = turnDetection
        self.transcription = transcription
        self.tools = tools
    }
}

/// Who ends the user's turn.
public enum TurnDetectionSetting: Sendable, Hashable {
    /// Nobody but the client: append, commit, create a response.
    case manual
    case serverVAD(
        threshold: Double = 0.5, prefixPaddingMs: Int = 300, silenceDurationMs: Int = 500, createResponse: Bool = true,
        interruptResponse: Bool = true)
    /// `eagerness` is `low`, `medium`, `high` or `auto`.
    case semanticVAD(eagerness: String, createResponse: Bool = true, interruptResponse: Bool = true)
}

public enum TranscriptionSetting: Sendable, Hashable {
    case off
    /// - Parameters:
    ///   - language: ISO 639-1, such as `hi`; nil lets the model find out.
    ///   - prompt: words that the model should expect, at most 1,024 characters.
    case on(model: String, language: String?, prompt: String?)
}

/// An item that a client adds to the conversation.
public enum NewItem: Sendable, Equatable {
    case systemText(id: String?, String)
    case userText(id: String?, String)
    case assistantText(id: String?, String)
    /// PCM16 LE mono 24 kHz, or what the session's input format says.
    case userAudio(id: String?, [UInt8])
    case functionOutput(id: String?, callID: String, output: String)
    /// Speaks the text as it stands. An extension: xAI and the embedded engine have it, OpenAI has not.
    case forceMessage(id: String?, String)
}

/// What a client asks of one response. What is nil comes from the session.
public struct ResponseRequest: Sendable, Equatable {
    public var instructions: String?
    /// True leaves the conversation out of the model's context for this response.
    public var isolated: Bool
    /// False keeps the response out of the conversation.
    public var inConversation: Bool
    /// False forbids calling tools in this response.
    public var allowsTools: Bool
    public var outputModalities: [String]?
    /// At most 16 pairs; comes back in `response.created` and `response.done`.
    public var metadata: [String: String]
    /// Comes back in the `error` event if this request is refused.
    public var eventID: String?

    public init(
        instructions: String? = nil, isolated: Bool = false, inConversation: Bool = true, allowsTools: Bool = true,
        outputModalities: [String]? = nil, metadata: [String: String] = [:], eventID: String? = nil
    ) {
        self.instructions = instructions
        self.isolated = isolated
        self.inConversation = inConversation
        self.allowsTools = allowsTools
        self.outputModalities = outputModalities
        self.metadata = metadata
        self.eventID = eventID
    }
}
