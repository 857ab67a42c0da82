import Audio
import ClientProtocol

// Streamed audio, both ways, in what was agreed on at `hello`.
extension VoiceSession {
    /// Makes what the granted formats need.
    func agree(_ hello: Hello) throws(AudioError) {
        let features = Feature.allCases.filter { hello.asks(for: $0) }
        try self.microphone.configure(hello.input)
        let replies = try ReplyStream(
            hello.output, isBinary: features.contains(.binary), leavesOutSilence: features.contains(.dtx),
            opus: self.services.opus)
        self.delivery.frameMs = replies.frameMs
        self.replies = consume replies
        self.features = features
    }

    /// A binary frame, borrowed for the call: a piece of the microphone's audio.
    public func received(binary frame: UnsafeRawBufferPointer) {
        self.onConnection(frame) { $0.take(binary: $1) }
    }

    func take(binary frame: UnsafeRawBufferPointer) {
        guard !self.isOver else { return }
        guard self.features.contains(.binary) else {
            return self.hangUp(.unsupportedData, .badMessage, "this session takes text frames only")
        }
        guard let header = BinaryFrameHeader(decoding: frame) else {
            let length = BinaryFrameHeader.byteCount
            return self.misunderstood(
                .badMessage, "a binary frame of \(frame.count) bytes lacks its header of \(length) bytes")
        }
        guard header.type == BinaryFrameHeader.audio, header.stream == BinaryFrameHeader.microphone else { return }
        do throws(AudioError) {
            if try self.microphone.arrived(header) { self.services.metrics.microphoneGaps.increment() }
        } catch {
            return self.tell(ErrorCode(error), error.message)
        }
        let audio = UnsafeRawBufferPointer(rebasing: frame[BinaryFrameHeader.byteCount...])
        guard self.lookup == nil else { return self.hold(.audioChunk(Array(audio))) }
        self.hear(audio)
    }

    /// The live microphone: no task, no `String`, one pass from the frame to the model's frame.
    func hear(_ audio: UnsafeRawBufferPointer) {
        if !self.machine.isStreaming {
            self.chooseDefaultPersona()
            self.perform(self.machine.streamingBegan())
        }
        do throws(AudioError) {
            let connection = self.listener
            self.machine.microphoneHeard(now: self.nowMs)
            guard connection != nil || self.isMicrophoneHeld else { return try self.microphone.skip(audio) }
            try self.microphone.convert(audio) { pcm in
                if self.isAudioHeld || self.machine.awaitsVoice { self.voicedMs += Loudness.voicedMs(pcm) }
                self.hear(pcm: pcm, on: connection)
                // PCM16 mono at 24 kHz: 48 bytes are a millisecond.
                self.meterMicrophone(pcm)
            }
            self.pumpSpeech()
            self.judgeVoice()
            if let connection, connection.queuedBytes > self.services.limits.maxUpstreamBacklogBytes {
                self.pauseReading()
            }
        } catch {
            self.tell(ErrorCode(error), error.message)
        }
    }

    /// Enough of what was heard was voice: it is meant.
    private func judgeVoice() {
        guard self.voicedMs >= self.services.limits.bargeInVoicedMs else { return }
        if self.isAudioHeld { self.perform(self.machine.bargeInConfirmed(now: self.nowMs)) }
        if self.machine.awaitsVoice { self.perform(self.machine.voiceHeard(now: self.nowMs)) }
    }

    /// Sends what the delivery of a reply lets out, in the format that this client was granted.
    func put(_ message: ServerMessage) {
        do throws(AudioError) {
            for item in try self.replies?.put(message) ?? [.message(message)] {
                switch item {
                case .message(let message): self.send(message)
                case .frame(let frame):
                    if !self.isOver, self.resumption.isConnected { self.check(self.downstream.send(binary: frame)) }
                }
            }
            if case .audioEnd(let responseID, _, .done) = message, self.features.contains(.marks) {
                self.send(.mark(name: responseID, responseID: responseID))
            }
        } catch {
            self.tell(.internalError, error.message)
            self.delivery.finish(.failed)
        }
    }
}
