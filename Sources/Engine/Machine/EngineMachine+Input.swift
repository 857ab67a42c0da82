import RealtimeProtocol

/// What the user says.
extension EngineMachine {
    /// The vendor commits nothing shorter.
    private static let minCommitMs = 100

    /// Microphone audio came in, in the session's input format. What is in it is judged by others.
    mutating func audioAppended(_ bytes: [UInt8]) -> [EngineAction] {
        let samples = self.input.append(bytes)
        guard let listener = self.listener else { return [] }
        let frames = self.cutter.cut(samples)
        guard !frames.isEmpty else { return [] }
        self.unjudgedFrames += frames.count / SpeechFrame.samples
        return [.judge(frames: frames, threshold: listener.sensitivity.threshold)]
    }

    /// The verdicts on frames that were to be judged, in order.
    mutating func judged(_ verdicts: [SpeechVerdict]) -> [EngineAction] {
        let verdicts = verdicts.prefix(self.unjudgedFrames)
        self.unjudgedFrames -= verdicts.count
        let actions = verdicts.flatMap { self.heard($0) }
        let idle = self.silenceLasted()
        self.forgetSilence()
        return actions + idle
    }

    private mutating func heard(_ verdict: SpeechVerdict) -> [EngineAction] {
        switch self.listener?.hear(verdict) {
        case .started(let ms): self.speechStarted(atMs: ms)
        case .stopped(let ms): self.speechStopped(atMs: ms)
        case nil: []
        }
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
        guard self.utterance == nil, let listener = self.listener else { return }
        self.input.forget(beforeLastMs: listener.sensitivity.prefixPaddingMs + 200)
    }

    mutating func commitAudio() throws(RealtimeError) -> [EngineAction] {
        let pendingMs = self.input.pendingMs
        guard pendingMs >= Self.minCommitMs else { throw .commitEmpty(pendingMs) }
        let itemID = self.utterance?.itemID ?? self.ids.next("item")
        self.utterance = nil
        self.listener?.forgetSpeech()
        return self.committed(self.input.commit(), as: itemID)
    }

    mutating func clearAudio() -> [EngineAction] {
        self.input.clear()
        self.utterance = nil
        self.listener?.forgetSpeech()
        return [.send(ServerEvent("input_audio_buffer.cleared"))]
    }

    mutating func detectTurns(by detection: TurnDetection?) {
        guard let sensitivity = detection?.sensitivity else {
            self.listener = nil
            self.utterance = nil
            self.cutter = FrameCutter()
            self.unjudgedFrames = 0
            return
        }
        guard self.listener == nil else {
            self.listener?.sensitivity = sensitivity
            return
        }
        self.listener = TurnListener(sensitivity, positionMs: self.input.positionMs)
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
