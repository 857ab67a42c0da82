import ClientProtocol
import RealtimeProtocol

/// Speech that began while the persona was being heard, until it is known whether it is meant for it.
struct BargeIn: Sendable, Equatable {
    /// The item that the model will make of it.
    let itemID: String
    let responseID: String
}

// Interruptions by voice. A cough must not destroy an answer: the client pauses, a moment later the answer goes on at the
// same sample or is given up.
extension ConversationMachine {
    /// The model hears speech.
    mutating func speechStarted(_ itemID: String, now: Int) -> [SessionAction] {
        let wasHeard = self.reply.isHeard || self.playback.isPlaying(now: now)
        guard wasHeard, self.canPause, let responseID = self.heardResponse else {
            return self.interrupt(now: now) + [.downstream(.state(.listening))]
        }
        guard self.bargeIn == nil else { return [] }
        self.bargeIn = BargeIn(itemID: itemID, responseID: responseID)
        self.playback.pause(now: now)
        let deadline = self.limits.bargeInVerdict
        return [
            .holdAudio(true),
            .downstream(
                .pause(
                    generation: self.generation, responseID: responseID,
                    deadlineMs: Int(deadline / .milliseconds(1)))),
            .start(.bargeIn, deadline),
        ]
    }

    /// It was meant: enough of it was voice, or the client says so.
    mutating func bargeInConfirmed(now: Int) -> [SessionAction] {
        guard self.bargeIn != nil else { return [] }
        self.bargeIn = nil
        return [.stop(.bargeIn), .holdAudio(false)] + self.interrupt(now: now) + [.downstream(.state(.listening))]
    }

    /// Whatever was being found out does not matter any more.
    mutating func endBargeIn() -> [SessionAction] {
        guard self.bargeIn != nil else { return [] }
        self.bargeIn = nil
        return [.stop(.bargeIn), .holdAudio(false)]
    }

    /// A cough, a door, the persona's own voice: the answer goes on where it was, and the model forgets what it heard.
    mutating func bargeInRejected(now: Int) -> [SessionAction] {
        guard let bargeIn = self.bargeIn else { return [] }
        self.bargeIn = nil
        self.rejectedItems = (self.rejectedItems + [bargeIn.itemID]).suffix(8)
        let heardMs = self.playback.heardMs(now: now)
        self.playback.resume(now: now)
        return [
            .stop(.bargeIn),
            .downstream(
                .resumeAudio(generation: self.generation, responseID: bargeIn.responseID, fromMs: heardMs)),
            .holdAudio(false),
        ]
    }

    /// The model has made a turn of live speech: now it is answered, or forgotten.
    mutating func inputCommitted(_ itemID: String, on line: Line, now: Int) -> [SessionAction] {
        guard self.recordingCommits == 0 else {
            self.recordingCommits -= 1
            self.recap.expectWords(of: itemID)
            self.recordingItem = itemID
            return []
        }
        guard line.isListening else { return [] }
        if let index = self.rejectedItems.firstIndex(of: itemID) {
            self.rejectedItems.remove(at: index)
            return [.upstream(line.id, .deleteItem(itemID: itemID))]
        }
        let confirmed = self.bargeInConfirmed(now: now)
        guard self.queue.count < self.limits.maxQueuedTurns else { return confirmed }
        self.queue.append(QueuedTurn(turn: .live(itemID: itemID), isReady: true))
        self.recap.expectWords(of: itemID)
        return confirmed + [.keepSpeech(itemID: itemID)] + self.advance()
    }

    /// Not for ever: a model that transcribes nothing never asks for it.
    mutating func remember(_ previous: String?, before itemID: String) {
        if self.previousItems.count >= 16 { self.previousItems = [:] }
        self.previousItems[itemID] = previous
    }

    private var heardResponse: String? {
        if case .running(let reply) = self.reply { reply.responseID } else { self.lastResponse }
    }
}
