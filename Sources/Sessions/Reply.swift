import ClientProtocol

/// The one response of the model that may run on a line.
enum ReplyState: Sendable, Equatable {
    case none
    /// Asked for, not yet begun; the machine's `asks` names the request. `isCancelled`: it is to be cancelled as soon as it has a name.
    case requested(QueuedTurn, isCancelled: Bool)
    case running(Reply)
    /// Cancelled; the model still counts it as active until it says `response.done`.
    case ending(responseID: String)

    var isIdle: Bool { self == .none }

    /// The user hears it, or could.
    var isHeard: Bool {
        if case .running(let reply) = self { reply.hasBegun } else { false }
    }
}

/// A response that is being heard.
struct Reply: Sendable, Equatable {
    let responseID: String
    /// nil for one that the model began by itself, to live speech.
    let turn: QueuedTurn?
    let generation: Int
    /// What is spoken, and what of it belongs to which item.
    var parts = SpokenParts()
    /// Of the items that are complete.
    var transcript = ""
    /// Of the item that is being spoken.
    var unfinished = ""
    var hasBegun = false
    /// When the last of its audio or words came, in milliseconds of the session.
    var heardAtMs: Int?
    /// The model asks for a function: there need be nothing to hear.
    var callsFunction = false

    var kind: ReplyHeader.Kind { self.turn?.turn.kind ?? .answer }

    /// All words that came.
    var words: String {
        self.transcript.isEmpty || self.unfinished.isEmpty
            ? self.transcript + self.unfinished : self.transcript + " " + self.unfinished
    }

    /// A turn was asked for, and there was nothing to hear or to read.
    var isEmpty: Bool {
        self.turn?.wantsAnswer == true && !self.hasBegun && self.words.isEmpty && !self.callsFunction
    }

    var receivedMs: Int { self.parts.spokenMs }
}
