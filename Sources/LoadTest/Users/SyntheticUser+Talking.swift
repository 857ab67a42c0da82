import JSON
import Transport

/// What a user has sent.
struct MicrophoneState {
    /// Of the next chunk.
    var sequence: UInt32 = 0
    /// Chunks of silence to send yet, so that a model hears the end of what was said.
    var silentChunks = 0
    /// When the user fell silent, until an answer to it is heard.
    var silentSince: UInt64?
    /// The next chunk begins to speak.
    var isBeginning = false
    /// When the user began to speak, until it is heard back.
    var spokeAt: UInt64?
    /// The first chunk since then.
    var spokeSequence: UInt32 = 0
    /// When `cancel` was sent, until `clear` comes, and the first chunk after it.
    var cancelledAt: UInt64?
    var cancelledSequence: UInt32 = 0
    /// Of the next binary frame.
    var frame = 0
    /// When another persona was asked for, until it is there.
    var switchedAt: UInt64?
}

/// Where a user is in a conversation of whole recordings.
struct TurnState {
    var nextAt: UInt64 = 0
    var sentAt: UInt64?
    var playingUntil: UInt64 = 0
}

extension SyntheticUser {
    // A second: models wait for half of it before they take a turn as ended.
    private static let silenceNanoseconds: UInt64 = 1_000_000_000
    private static let replyTimeout: UInt64 = 30_000_000_000

    func startTalking(_ now: UInt64) {
        if self.script.isTalking { self.beginSpeaking() }
        // People do not press their buttons in step.
        var random = RandomSource(seed: self.card.seed &+ UInt64(self.card.number))
        self.turns = TurnState()
        self.turns.nextAt = now + UInt64(random.unit() * 4e9)
    }

    /// A tick of a user who is there: events that are due, then the microphone.
    func live(_ now: UInt64, _ due: UInt64) {
        guard self.crowd.isTalking else { return }
        if now - self.begunAt >= self.script.nextChange {
            for event in self.script.advance(to: now - self.begunAt) { self.perform(event, now) }
        }
        guard self.phase == .ready else { return }
        if self.card.dialect == .legacy { self.takeTurn(now, due) } else { self.speak(due) }
    }

    private func perform(_ event: UserScript.Event, _ now: UInt64) {
        guard self.phase == .ready else { return }
        switch event {
        case .talk: self.beginSpeaking()
        case .pause:
            self.microphone.silentSince = now
            self.microphone.silentChunks =
                Int(Self.silenceNanoseconds / 1_000_000) / self.card.chunkMilliseconds
        case .bargeIn: self.bargeIn(now)
        case .switchPersona: self.switchPersona(now)
        case .drop: self.drop(now, for: 500_000_000 + UInt64(self.card.number % 16) * 100_000_000)
        }
    }

    private func beginSpeaking() {
        self.microphone.isBeginning = true
        self.microphone.silentSince = nil
    }

    private func speak(_ due: UInt64) {
        let dialect = self.card.dialect
        let isVoiced = self.script.isTalking
        guard isVoiced || self.microphone.silentChunks > 0 else { return }
        if !isVoiced { self.microphone.silentChunks -= 1 }
        if dialect == .opus { return self.speakOpus(isVoiced, due) }
        let messages = self.crowd.messages
        if isVoiced {
            let message = messages.voiced(dialect, Int(self.microphone.sequence))
            self.number(message)
            message.withStamp(self.nextStamp(due)) { self.send($0) }
        } else {
            let message = messages.silent(dialect)
            self.number(message)
            message.asIs { self.send($0) }
        }
    }

    /// Silence is counted like any packet, so that the echo's packets can be counted off against them.
    private func speakOpus(_ isVoiced: Bool, _ due: UInt64) {
        self.opus?.send(at: due, isVoiced: isVoiced)
        _ = self.nextStamp(due)
        let frame = self.microphone.frame
        self.microphone.frame += 1
        self.crowd.messages.opus.withFrame(
            frame, isVoiced: isVoiced, mediaTimestamp: self.mediaTimestamp(frame)
        ) { self.send($0) }
    }

    private func mediaTimestamp(_ frame: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: frame * self.card.chunkMilliseconds * Voice.sampleRate / 1_000)
    }

    private func nextStamp(_ due: UInt64) -> Stamp {
        defer { self.microphone.sequence += 1 }
        self.board.figures.chunksSent += 1
        let stamp = Stamp(sequence: self.microphone.sequence, sentAt: due)
        if self.microphone.isBeginning {
            self.microphone.isBeginning = false
            self.microphone.spokeAt = stamp.sentAt
            self.microphone.spokeSequence = stamp.sequence
        }
        return stamp
    }

    private func number(_ message: StampedMessage) {
        guard self.card.dialect.isFramed else { return }
        message.setHead(UInt32(truncatingIfNeeded: self.microphone.frame), at: 4)
        message.setHead(self.mediaTimestamp(self.microphone.frame), at: 8)
        self.microphone.frame += 1
    }

    private func send(_ bytes: UnsafeRawBufferPointer) {
        guard let socket = self.socket else { return }
        let result = self.card.dialect.isFramed ? socket.send(binary: bytes) : socket.send(text: bytes)
        if result == .dropped { self.board.count("send_dropped") }
    }

    // MARK: Whole recordings

    private func takeTurn(_ now: UInt64, _ due: UInt64) {
        if let sentAt = self.turns.sentAt {
            guard now - sentAt > Self.replyTimeout else { return }
            self.board.count("no_reply")
            self.excuseOutstanding()
            self.turns.sentAt = nil
        }
        guard due >= self.turns.nextAt else { return }
        self.turns.sentAt = due
        let length = UInt64(MicrophoneMessages.utteranceMilliseconds) * 1_000_000
        self.turns.nextAt = due + UInt64(Double(length) / self.card.behaviour.talkShare)
        self.board.figures.turns += 1
        self.crowd.messages.utterance.withStamp(self.nextStamp(due)) { self.send($0) }
    }

    // MARK: Interrupting and switching

    private func bargeIn(_ now: UInt64) {
        switch self.card.dialect {
        case .legacy:
            // The next recording cuts off the reply that plays.
            if self.turns.sentAt == nil { self.turns.nextAt = min(self.turns.nextAt, now) }
        case .json, .binary, .opus:
            // To interrupt is to talk into what is heard.
            guard now - self.ear.heardAt < Self.audibleNanoseconds else { return }
            self.microphone.cancelledAt = LoadClock.nanoseconds
            self.microphone.cancelledSequence = self.microphone.sequence
            self.send(["type": "cancel"])
        case .realtime: break
        }
    }

    private func switchPersona(_ now: UInt64) {
        guard self.card.dialect != .realtime, self.card.personas.count > 1 else { return }
        self.persona = (self.persona + 1) % self.card.personas.count
        self.microphone.switchedAt = LoadClock.nanoseconds
        self.microphone.cancelledAt = nil
        self.excuseOutstanding()
        self.turns.sentAt = nil
        self.choosePersona(switchID: "switch")
    }

    /// The other persona is there.
    func switched() {
        guard let since = self.microphone.switchedAt else { return }
        self.board.figures.switching.record(nanoseconds: LoadClock.nanoseconds - since)
        self.microphone.switchedAt = nil
        self.excuseOutstanding()
    }
}
