import Audio
import Observability
import Transport

/// From a text to audio on the wire, at the pace that the configuration and the client allow.
extension EngineSession {
    /// A piece of audio on the wire: 100 ms, as the vendor's are about.
    private static let pieceSamples = 2_400

    /// The run of a response, made when it is first needed.
    func run(_ id: String) -> SpeechRun {
        if let run = self.runs[id] { return run }
        let run = SpeechRun()
        self.runs[id] = run
        return run
    }

    func speak(_ request: SpeechRequest, _ id: String) {
        let run = self.run(id)
        run.texts.append(request)
        self.synthesizeNext(run, id)
    }

    /// No more texts will come.
    func finishWriting(_ id: String) {
        guard let run = self.runs[id] else { return }
        run.isBeingWritten = false
        run.composition?.cancel()
        run.composition = nil
        if run.synthesis == nil, run.texts.isEmpty { self.finish(run, id, .done) }
    }

    private func synthesizeNext(_ run: SpeechRun, _ id: String) {
        guard run.synthesis == nil, !run.texts.isEmpty else { return }
        let request = run.texts.removeFirst()
        run.synthesis = Task { [weak self, synthesizer = self.services.synthesizer] in
            do {
                for try await samples in synthesizer.synthesize(request) { await self?.made(samples, id) }
                await self?.synthesized(id, .done)
            } catch {
                await self?.synthesized(id, .failed(reason: "\(error)"))
            }
        }
    }

    /// Takes what the synthesizer made; returns when it may make more.
    private func made(_ samples: [Int16], _ id: String) async {
        guard let run = self.runs[id] else { return }
        run.add(samples)
        self.pump(id)
        guard run.isFull, self.runs[id] === run else { return }
        await withCheckedContinuation { run.wait($0) }
    }

    private func synthesized(_ id: String, _ end: SpeechRun.End) {
        guard let run = self.runs[id] else { return }
        run.synthesis = nil
        guard case .done = end else { return self.finish(run, id, end) }
        if !run.texts.isEmpty { return self.synthesizeNext(run, id) }
        if !run.isBeingWritten { self.finish(run, id, end) }
    }

    private func finish(_ run: SpeechRun, _ id: String, _ end: SpeechRun.End) {
        run.finish(end)
        self.pump(id)
    }

    /// Sends the next piece of a response's audio if its time has come and the client keeps up.
    func pump(_ id: String) {
        guard let run = self.runs[id], run.timer == nil, let sink = self.sink else { return }
        guard run.waitingSamples > 0 else { return self.end(run, id) }
        guard sink.bufferedBytes <= self.services.configuration.maxBacklogBytes else {
            return self.pump(id, after: .milliseconds(20))
        }
        if !run.hasBegun { self.services.metrics.firstAudio.observe(.now - run.startedAt) }
        let samples = run.take(Self.pieceSamples)
        self.record(samples, of: id)
        self.perform(self.machine.audioMade(id, samples: samples.count), audio: samples)
        let seconds = Double(samples.count) / 24_000 / self.services.configuration.pace
        self.pump(id, after: .seconds(seconds))
    }

    private func record(_ samples: [Int16], of id: String) {
        guard let recorder = self.recorder else { return }
        recorder.made(samples, of: id, isLast: self.runs[id]?.isAtEnd == true)
    }

    private func pump(_ id: String, after pause: Duration) {
        guard let run = self.runs[id] else { return }
        run.timer = self.loop.schedule(after: pause) { [weak self] in
            self?.assumeIsolated {
                $0.runs[id]?.timer = nil
                $0.pump(id)
            }
        }
    }

    private func end(_ run: SpeechRun, _ id: String) {
        switch run.end {
        case nil: break
        case .done:
            if run.owesTail {
                self.record([], of: id)
                self.perform(self.machine.audioMade(id, samples: 0))
            }
            self.recorder?.write(.speechEnded(responseID: id))
            self.perform(self.machine.speechEnded(id))
        case .failed(let reason):
            self.services.metrics.failedSyntheses.increment()
            self.log.warning("speech synthesis failed", [.errorMessage: .text(reason)])
            self.recorder?.write(.speechFailed(responseID: id))
            self.perform(self.machine.speechFailed(id))
        }
    }
}
