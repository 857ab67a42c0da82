import RealtimeProtocol

// The live microphone's way to whichever line listens.
extension VoiceSession {
    /// The connection that hears the microphone now.
    var listener: (any RealtimeConnection)? {
        guard self.microphone.isOpen, let line = self.machine.line else { return nil }
        return self.connections[line.id]
    }

    /// Takes what the microphone hears, for the model or until there is one.
    ///
    /// - Parameters:
    ///   - pcm: PCM16 24 kHz mono.
    ///   - connection: nil while a line is being replaced.
    func hear(pcm: UnsafeRawBufferPointer, on connection: (any RealtimeConnection)?) {
        let isSent = self.speech.isSent && connection?.appendInputAudio(pcm).isAccepted == true
        let lostMs = self.speech.hear(pcm, isSent: isSent, keepsAll: self.machine.isUserSpeaking)
        if lostMs > 0 { self.services.metrics.keptSpeechLost.increment(by: lostMs) }
    }

    /// Gives the model as much of what was kept as it takes now; the rest follows when its queue has drained.
    func pumpSpeech() {
        guard !self.speech.isSent || self.commitsKept, let connection = self.listener else { return }
        while !self.speech.isSent {
            guard connection.queuedBytes < self.services.limits.maxUpstreamBacklogBytes,
                self.speech.next({ connection.appendInputAudio($0).isAccepted })
            else { return }
        }
        guard self.commitsKept else { return }
        self.commitsKept = false
        connection.send(.commitInputAudio)
    }

    func openMicrophone(_ isOpen: Bool) {
        self.microphone.isOpen = isOpen
        self.isMicrophoneHeld = false
        guard isOpen, let line = self.machine.line?.id else {
            self.commitsKept = false
            return self.speech.forgetRest()
        }
        if self.speechLine != line { self.speech.startOver() }
        self.speechLine = line
        self.pumpSpeech()
    }

    func holdMicrophone() {
        self.microphone.isOpen = false
        if !self.isMicrophoneHeld { self.voicedMs = 0 }
        self.isMicrophoneHeld = true
    }

    /// Live turns of a line that was lost become a recording for the next one.
    func recallSpeech(_ itemIDs: [String], as turn: TurnID) {
        let samples = self.speech.recall(itemIDs)
        guard !samples.isEmpty else {
            return self.perform(
                self.machine.recordingFailed(turn, .upstreamUnavailable, "the model could not answer, try again"))
        }
        self.recordings[turn] = .decoded(samples)
    }

    /// The client's turn ends where what was kept ends.
    func commitKept() {
        self.commitsKept = true
        self.pumpSpeech()
    }
}

extension SendOutcome {
    /// It will be sent.
    var isAccepted: Bool {
        switch self {
        case .sent, .buffered: true
        case .dropped, .closed: false
        }
    }
}
