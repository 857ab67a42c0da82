import ClientProtocol

/// Names one turn within a session.
struct TurnID: Sendable, Hashable {
    let number: Int

    /// It was live speech once, whose line was lost. Those count downwards.
    var isRecalled: Bool { self.number < 0 }
}

/// Something that the persona is to answer, or to say.
enum Turn: Sendable, Equatable {
    case greeting(String)
    case typed(String)
    /// A recording; its samples are with the session.
    case recording(TurnID)
    /// The user has been silent for long. BCP 47.
    case nudge(language: String)
    /// Live speech; the model has it already, as an item.
    case live(itemID: String)

    var liveItemID: String? {
        if case .live(let itemID) = self { itemID } else { nil }
    }

    var kind: ReplyHeader.Kind {
        if case .greeting = self { .greeting } else { .answer }
    }
}

/// A turn in line for its answer.
struct QueuedTurn: Sendable, Equatable {
    var turn: Turn
    /// False while a recording is being decoded.
    var isReady: Bool
    /// A turn whose reply was cut off by the model's side is asked again, once.
    var wasRetried = false
}

extension QueuedTurn {
    /// Somebody waits for it. Live sound may be a cough, to which a model says nothing.
    var wantsAnswer: Bool {
        switch self.turn {
        case .typed, .recording: true
        case .greeting, .nudge, .live: false
        }
    }
}
