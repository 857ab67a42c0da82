import JSON
import RealtimeProtocol

/// What a client asks of the engine, checked.
enum ClientEvent: Sendable, Equatable {
    /// The `session` member, which is checked against the session it changes.
    case updateSession(JSONValue)
    case appendAudio([UInt8])
    case commitAudio
    case clearAudio
    case createItem(NewItem, at: Conversation.Place)
    case retrieveItem(String)
    case truncateItem(String, contentIndex: Int, audioEndMs: Int)
    case deleteItem(String)
    case createResponse(ResponseOptions)
    case cancelResponse(String?)

    /// An item from a client.
    struct NewItem: Sendable, Equatable {
        /// nil lets the engine name it.
        var id: String?
        var body: Body

        enum Body: Sendable, Equatable {
            case item(ConversationItem.Body)
            /// Spoken word for word, in a response of its own. An extension that xAI has too.
            case forceMessage(String)
        }
    }
}

/// What `response.create` asks of one response. What is nil comes from the session.
struct ResponseOptions: Sendable, Equatable {
    enum Context: Sendable, Equatable {
        case item(ConversationItem.Body)
        case reference(String)
    }

    var instructions: String?
    /// False keeps the response out of the conversation (`conversation: "none"`).
    var inConversation = true
    /// The whole context of the response; nil is the conversation.
    var input: [Context]?
    var outputModality: String?
    var voice: String?
    var format: AudioFormat?
    var tools: [JSONValue]?
    var toolChoice: JSONValue?
    var maxOutputTokens: TokenLimit?
    /// Comes back in `response.created` and `response.done`.
    var metadata = JSONValue.null
}
