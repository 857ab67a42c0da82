import JSON

/// What a realtime model says to its client, GA names (OpenAI Realtime, server events).
///
/// Only what a client acts on has a case; everything else is `.other` and is ignored, so that a provider may add events.
public enum RealtimeServerEvent: Sendable, Equatable {
    case sessionCreated(SessionSummary)
    case sessionUpdated(SessionSummary)
    case speechStarted(itemID: String, audioStartMs: Int)
    case speechStopped(itemID: String, audioEndMs: Int)
    case inputAudioCommitted(itemID: String, previousItemID: String?)
    case inputAudioCleared
    case itemAdded(ItemSummary)
    case itemDone(ItemSummary)
    case itemTruncated(itemID: String, audioEndMs: Int)
    case itemDeleted(itemID: String)
    case inputTranscriptDelta(itemID: String, text: String)
    case inputTranscriptDone(itemID: String, text: String)
    case inputTranscriptFailed(itemID: String, RealtimeError)
    case responseCreated(id: String, metadata: [String: String])
    case outputItemAdded(responseID: String, ItemSummary)
    case outputItemDone(responseID: String, ItemSummary)
    /// Decoded audio in the session's output format (PCM16 LE mono 24 kHz unless configured otherwise). The byte count
    /// may be odd: a sample can be cut between two deltas.
    case audioDelta(OutputPart, audio: [UInt8])
    case audioDone(OutputPart)
    case transcriptDelta(OutputPart, text: String)
    case transcriptDone(OutputPart, text: String)
    case textDelta(OutputPart, text: String)
    case textDone(OutputPart, text: String)
    case responseDone(ResponseSummary)
    case error(RealtimeError)
    case other(type: String)
}

/// Where in a response a piece of output belongs.
public struct OutputPart: Sendable, Hashable {
    public var responseID: String
    public var itemID: String
    public var contentIndex: Int

    public init(responseID: String, itemID: String, contentIndex: Int = 0) {
        self.responseID = responseID
        self.itemID = itemID
        self.contentIndex = contentIndex
    }
}

/// What a client needs of a session object.
public struct SessionSummary: Sendable, Equatable {
    public var id: String
    public var voice: String?
    /// Seconds since 1970 at which the provider ends the session.
    public var expiresAt: Int?

    public init(id: String, voice: String? = nil, expiresAt: Int? = nil) {
        self.id = id
        self.voice = voice
        self.expiresAt = expiresAt
    }
}

public struct ItemSummary: Sendable, Equatable {
    public var id: String
    public var previousItemID: String?
    /// `message`, `function_call`, `function_call_output` …
    public var type: String
    public var role: String?
    public var status: String?

    public init(
        id: String, previousItemID: String? = nil, type: String = "message", role: String? = nil, status: String? = nil
    ) {
        self.id = id
        self.previousItemID = previousItemID
        self.type = type
        self.role = role
        self.status = status
    }
}

/// How a response ended.
public struct ResponseSummary: Sendable, Equatable {
    public enum Status: String, Sendable {
        case completed, cancelled, failed, incomplete
    }

    public var id: String
    public var status: Status
    /// `turn_detected`, `client_cancelled`, `max_output_tokens`, `content_filter`; nil for a completed one.
    public var reason: String?
    /// Why a failed response failed: a failure is told here, not in an `error` event.
    public var error: RealtimeError?
    public var metadata: [String: String]
    /// nil where the server does not say.
    public var usage: TokenUsage?

    public init(
        id: String, status: Status, reason: String? = nil, error: RealtimeError? = nil,
        metadata: [String: String] = [:], usage: TokenUsage? = nil
    ) {
        self.id = id
        self.status = status
        self.reason = reason
        self.error = error
        self.metadata = metadata
        self.usage = usage
    }
}

/// The body of an `error` event.
public struct RealtimeError: Error, Sendable, Equatable {
    public var type: String
    public var code: String?
    public var message: String
    public var param: String?
    /// The `event_id` of the client event that caused it, where the server says so.
    public var eventID: String?

    public init(type: String, code: String? = nil, message: String, param: String? = nil, eventID: String? = nil) {
        self.type = type
        self.code = code
        self.message = message
        self.param = param
        self.eventID = eventID
    }
}
