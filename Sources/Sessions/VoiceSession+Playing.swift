import Audio
import ClientProtocol
import Observability
import RealtimeProtocol

// Audio to the user, and whatever else it is told.
extension VoiceSession {
    func beginReply(_ header: ReplyHeader, _ isTyped: Bool) {
        self.timing.answered(now: self.nowMs)
        self.greetingAudio = header.kind == .greeting && !header.isCached ? [] : nil
        let style: ReplyDelivery.Style =
            if self.isStreaming { .stream } else if self.identity.style == .web, !isTyped { .chunks } else { .wholeWAV }
        for outgoing in self.delivery.begin(header, style) { self.put(outgoing.message) }
    }

    func playCachedGreeting(_ persona: String) {
        let key = self.greetingKey(persona)
        guard let audio = self.services.greetingCache?.audio(for: key) else { return }
        self.replies?.recall(key, from: self.services.encodedGreetings)
        self.delivery.add(audio)
        self.deliver()
        // PCM16 mono at 24 kHz: 48 bytes are a millisecond.
        self.perform(self.machine.replyPlays(for: audio.count / 48))
    }

    func greetingKey(_ persona: String) -> GreetingCache.Key {
        GreetingCache.Key(persona: persona, model: self.services.modelName)
    }

    /// Sends the audio that may go out now, and comes back for the rest when the window opens.
    func deliver() {
        guard !self.isAudioHeld, self.resumption.isConnected else { return }
        self.delivery.heard(self.machine.playback.surelyHeardMs(now: self.nowMs))
        let item = self.delivery.header?.itemID
        for outgoing in self.delivery.take(windowMs: self.windowMs) {
            self.put(outgoing.message)
            guard outgoing.audioMs > 0, let item else { continue }
            self.machine.audioSent(outgoing.audioMs, of: item, now: self.nowMs)
            self.services.metrics.audioOut.increment(by: outgoing.audioMs)
            self.figures.usage.audioOutMs += outgoing.audioMs
            self.tellTiming()
        }
        guard self.delivery.isWaiting || self.delivery.isKept, self.paceAlarm == nil, !self.isOver else { return }
        // What is only kept is not urgent.
        let pause: Duration =
            self.delivery.isKept ? .seconds(1) : .milliseconds(self.services.limits.sendAheadMs / 4)
        self.paceAlarm = self.services.clock.schedule(after: pause, on: self.executor) { [weak self] in
            self?.assumeIsolated {
                $0.paceAlarm = nil
                $0.deliver()
                // What was still to be heard may have been all that a drain waited for.
                $0.closeIfDrained()
            }
        }
    }

    func tellTiming() {
        guard let metrics = self.timing.sent(now: self.nowMs) else { return }
        self.services.metrics.firstAudio.observe(.milliseconds(metrics.firstAudioMs))
        if self.features.contains(.metrics) { self.send(.metrics(metrics)) }
    }

    var windowMs: Int {
        self.services.limits.sendAheadMs - self.machine.playback.aheadMs(now: self.nowMs)
    }

    func hold(_ isHeld: Bool) {
        self.isAudioHeld = isHeld
        self.voicedMs = 0
        if !isHeld { self.deliver() }
    }

    func clear(_ generation: Int, _ heardMs: Int) {
        self.delivery.finish(.interrupted)
        self.deliver()
        self.paceAlarm?.cancel()
        self.paceAlarm = nil
        self.send(.clear(generation: generation, heardMs: heardMs))
    }

    func tell(_ code: ErrorCode, _ message: String) {
        self.services.metrics.error(code).increment()
        self.send(.error(code, message: message, isFatal: false, retryAfterMs: nil))
    }

    func send(_ message: ServerMessage) {
        guard !self.isOver, self.isStreaming || message.isForLegacyClients else { return }
        var envelope: Envelope?
        if self.isStreaming {
            self.sequence += 1
            self.resumption.outbox?.record(self.sequence, message)
            envelope = Envelope(sequence: self.sequence, timestampMs: self.nowMs)
        }
        guard self.resumption.isConnected else { return }
        self.check(self.downstream.send(message.encoded(envelope)))
    }

    func check(_ outcome: SendOutcome) {
        guard outcome == .dropped, !self.isOver else { return }
        // Its queue is full of what it did not read: nothing that is said now would arrive.
        self.log.info("user reads too slowly", [.queueBytes: .integer(self.downstream.bufferedBytes)])
        self.services.metrics.error(.slowConsumer).increment()
        self.downstream.close(.idle, reason: ErrorCode.slowConsumer.rawValue)
        if self.wait(for: self.services.limits.resumeGrace) { return }
        self.end(code: CloseCode.idle.rawValue)
    }

    func pauseReading() {
        guard !self.isReadingPaused else { return }
        self.isReadingPaused = true
        self.downstream.pauseReading()
    }

    func resumeReading() {
        guard self.isReadingPaused else { return }
        self.isReadingPaused = false
        self.downstream.resumeReading()
    }
}
