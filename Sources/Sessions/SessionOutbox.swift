import ClientProtocol

/// The last events of a streaming session, for a client that missed some.
///
/// Audio is not among them, nor what announces it: that is sent again from the sample that was heard last. What was said
/// piece by piece comes whole in its last transcript.
struct SessionOutbox: Sendable, Equatable {
    private struct Event: Sendable, Equatable {
        let sequence: Int
        let message: ServerMessage
    }

    private let capacity: Int
    private var events: [Event] = []
    /// Of the newest event that was forgotten for want of room.
    private var forgotten = 0

    /// - Parameter capacity: events; the last minutes of a lively conversation.
    init(capacity: Int = 64) {
        self.capacity = capacity
    }

    mutating func record(_ sequence: Int, _ message: ServerMessage) {
        guard message.isWorthRepeating else { return }
        self.events.append(Event(sequence: sequence, message: message))
        guard self.events.count > self.capacity else { return }
        self.forgotten = self.events.removeFirst().sequence
    }

    /// Takes out what came after the event of that number, in order, and forgets the rest.
    ///
    /// - Returns: nil where some of it is forgotten already.
    mutating func take(after sequence: Int) -> [ServerMessage]? {
        defer {
            self.events = []
            self.forgotten = 0
        }
        guard sequence >= self.forgotten else { return nil }
        return self.events.filter { $0.sequence > sequence }.map(\.message)
    }
}

extension ServerMessage {
    /// Whether it still means something to a client that comes back later.
    fileprivate var isWorthRepeating: Bool {
        switch self {
        case .configAck, .textResponse, .clear, .warning, .error, .goaway: true
        case .transcript(let transcript): transcript.isFinal
        case .welcome, .wavResponse, .pcmResponse, .audioStart, .audioDelta, .audioEnd, .pause, .resumeAudio, .state,
            .session, .mark, .metrics,
            .pong:
            false
        }
    }
}
