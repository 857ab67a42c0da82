import RealtimeProtocol

/// What the user says.
extension EngineMachine {
    /// The vendor commits nothing shorter.
    private static let minCommitMs = 100

    /// Microphone audio came in, in the session's input format.
    ///
    /// - Parameter heard: what is in it, where that is known better than by listening.
    mutating func audioAppended(_ bytes: [UInt8], heard: [VoiceActivityDetector.Event]? = nil) -> [EngineAction] {
        let samples = self.input.append(bytes)
        let found = samples.withUnsafeBufferPointer { self.detector?.hear($0) }
        guard self.detector != nil, let events = heard ?? found else { return [] }
        let actions = events.flatMap { event in
            switch event {
            case .started(let ms): self.speechStarted(atMs: ms)
            case .stopped(let ms): self.speechStopped(atMs: ms)
            }
        }
        let idle = self.silenceLasted()
        self.forgetSilence()
        return actions + idle
    }

    /// After `idle_timeout_ms` without a word since the last reply was heard, the engine speaks unasked, once.
    private mutating func silenceLasted() -> [EngineAction] {
        guard case .server(let server)? = self.settings.turnDetection, let timeout = server.idleTimeoutMs,
            let since = self.idleSinceMs, self.utterance == nil, self.activeResponse == nil,
            self.input.positionMs - since >= timeout
        else { return [] }
        let itemID = self.ids.next("item")
        var recording = self.input.commit(fromMs: since, toMs: self.input.positionMs)
        recording.isSilence = true
        let triggered = ServerEvent.timeoutTriggered(itemID, fromMs: since, toMs: self.input.positionMs)
        return [.send(triggered)] + self.committed(recording, as: itemID) + self.answer()
    }

    /// While nobody speaks, no more is kept than a beginning could reach back: it is noticed within 100 ms.
    private mutating func forgetSilence() {
        guard self.utterance == nil, let detector = self.detector else { return }
        self.input.forget(beforeLastMs: detector.sensitivity.prefixPaddingMs + 200)
    }

    mutating func commitAudio() throws(RealtimeError) -> [EngineAction] {
        let pendingMs = self.input.pendingMs
        guard pendingMs >= Self.minCommitMs else { throw .commitEmpty(pendingMs) }
        let itemID = self.utterance?.itemID ?? self.ids.next("item")
        self.utterance = nil
        self.detector?.forgetSpeech()
        return self.committed(self.input.commit(), as: itemID)
    }

    mutating func clearAudio() -> [EngineAction] {
        self.input.clear()
        self.utterance = nil
        self.detector?.forgetSpeech()
        return [.send(ServerEvent("input_audio_buffer.cleared"))]
    }

    mutating func detectTurns(by detection: TurnDetection?) {
        guard let sensitivity = detection?.sensitivity else {
            self.detector = nil
            self.utterance = nil
            return
        }
        // A detector that listens already keeps what it knows of the room.
        guard self.detector == nil else {
            self.detector?.sensitivity = sensitivity
            return
        }
        self.detector = VoiceActivityDetector(sensitivity, positionMs: self.input.positionMs)
    }

    private mutating func speechStarted(atMs ms: Int) -> [EngineAction] {
        let itemID = self.ids.next("item")
        self.idleSinceMs = nil
        self.utterance = Utterance(itemID: itemID, startMs: ms)
        let started = EngineAction.send(.speechStarted(itemID, atMs: ms))
        guard self.settings.turnDetection?.interruptsResponse == true, let active = self.activeResponse else {
            return [started]
        }
        self.owesReply = false
        return [started] + self.end(active.id, .cancelled(.turnDetected))
    }

    private mutating func speechStopped(atMs ms: Int) -> [EngineAction] {
        guard let utterance = self.utterance else { return [] }
        self.utterance = nil
        let recording = self.input.commit(fromMs: utterance.startMs, toMs: ms)
        let stopped = EngineAction.send(.speechStopped(utterance.itemID, atMs: ms))
        let committed = [stopped] + self.committed(recording, as: utterance.itemID)
        guard self.settings.turnDetection?.createsResponse == true else { return committed }
        guard self.activeResponse == nil else {
            self.owesReply = true
            return committed
        }
        return committed + self.answer()
    }

    private mutating func committed(
        _ recording: ConversationItem.Recording, as itemID: String
    ) -> [EngineAction] {
        var recording = recording
        let wantsTranscript = !self.settings.transcription.isNull
        let kind = recording.isSilence ? "silence" : "speech"
        let transcript = "(\(kind), \(ReplyWriter.seconds(recording.milliseconds)) s)"
        let previous = self.conversation.items.last?.id
        let item = ConversationItem(id: itemID, body: .message(.user, [.inputAudio(recording)]))
        var actions: [EngineAction] = [
            .send(.committed(itemID, previous: previous)), .send(.itemAdded(item, previous: previous)),
            .send(.itemDone(item, previous: previous)),
        ]
        if self.transcribes(recording) {
            actions += self.transcribe(itemID, recording)
        } else if wantsTranscript {
            recording.transcript = transcript
            actions.append(.send(.transcribed(itemID, transcript, milliseconds: recording.milliseconds)))
        }
        self.conversation.insert(ConversationItem(id: itemID, body: .message(.user, [.inputAudio(recording)])))
        return actions
    }
}

extension RealtimeError {
    fileprivate static func commitEmpty(_ pendingMs: Int) -> RealtimeError {
        .refusal(
            "input_audio_buffer_commit_empty",
            "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has "
                + "\(pendingMs).00ms of audio.")
    }
}
