import RealtimeProtocol

// The model's connections.
extension VoiceSession {
    func upstream(_ line: LineID, _ event: RealtimeConnectionEvent) {
        guard !self.isOver, let connection = self.connections[line] else { return }
        switch event {
        case .event(let event):
            // Only now it is known which model answers.
            self.meter(event, of: connection)
            if case .sessionCreated = event {
                self.machine.connected(
                    line, connection.capabilities, life: connection.remainingLife, jitter: .random(in: 0...1))
            }
            if case .speechStopped = event { self.turnEnded() }
            self.perform(self.machine.upstream(line, event, now: self.nowMs))
        case .drained:
            self.resumeReading()
            self.pumpSpeech()
            self.pump()
        case .failed(let failure), .closed(let failure):
            self.connections[line] = nil
            self.log.info("upstream ended", [.reason: .text(failure.message), .count: .integer(line.number)])
            self.resumeReading()
            self.perform(self.machine.lineFailed(line, failure, now: self.nowMs))
        }
    }

    func connect(_ line: LineID) {
        let handler: @Sendable (RealtimeConnectionEvent) -> Void = { [weak self] event in
            self?.assumeIsolated { $0.upstream(line, event) }
        }
        let isEcho = self.machine.candidate?.id == line && self.machine.candidate?.persona.isEcho == true
        let connection: any RealtimeConnection =
            isEcho
            ? EchoConnection(executor: self.executor, handler: handler)
            : self.services.connector.connect(on: self.executor, handler: handler)
        self.connections[line] = connection
    }

    func disconnect(_ line: LineID) {
        self.connections.removeValue(forKey: line)?.close()
        if self.feed?.line == line { self.feed = nil }
        self.resumeReading()
    }
}
