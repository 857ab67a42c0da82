import Audio
import ClientProtocol
import RealtimeProtocol

/// A recording as it came, and as samples once it is decoded.
enum Recording: Sendable {
    case encoded(Utterance)
    /// PCM16 24 kHz mono.
    case decoded([Int16])

    init(encoded utterance: Utterance) {
        self = .encoded(utterance)
    }
}

// Whole recordings: decoded off the event loop, one after the other, then given to the model as fast as it takes them.
extension VoiceSession {
    func decode(_ turn: TurnID) {
        self.decodeQueue.append(turn)
        self.decodeNext()
    }

    private func decodeNext() {
        guard self.decoding == nil, let turn = self.decodeQueue.first else { return }
        self.decodeQueue.removeFirst()
        guard case .encoded(let utterance)? = self.recordings[turn] else { return self.decodeNext() }
        let decoder = self.services.decoder
        self.decoding = Task {
            let outcome = await Self.samples(of: utterance, decoder)
            self.decoding = nil
            if !Task.isCancelled { self.decoded(turn, outcome) }
            self.decodeNext()
        }
    }

    private static func samples(
        of utterance: Utterance, _ decoder: UtteranceDecoder
    ) async -> Result<[Int16], AudioError> {
        do throws(AudioError) {
            let hint = AudioHint(
                format: utterance.format, sampleRate: utterance.sampleRate, channels: utterance.channels)
            return .success(try await decoder.decode(utterance.bytes, hint: hint))
        } catch {
            return .failure(error)
        }
    }

    private func decoded(_ turn: TurnID, _ outcome: Result<[Int16], AudioError>) {
        guard self.recordings[turn] != nil else { return }
        switch outcome {
        case .failure(let error):
            self.perform(self.machine.recordingFailed(turn, ErrorCode(error), error.message))
        case .success(let samples) where !Loudness.holdsSpeech(samples):
            self.perform(self.machine.recordingFailed(turn, .noSpeech, "no speech in the recording"))
        case .success(let samples):
            self.recordings[turn] = .decoded(samples)
            self.services.metrics.audioIn.increment(by: samples.count / 24)
            self.figures.usage.audioInMs += samples.count / 24
            self.perform(self.machine.recordingDecoded(turn))
        }
    }

    func sendRecording(_ turn: TurnID, on line: LineID) {
        guard case .decoded(let samples)? = self.recordings[turn] else { return }
        self.feed = RecordingFeed(turn: turn, line: line, samples: samples)
        self.pump()
    }

    /// Gives the model as much of the recording as it takes now; the rest follows when its queue has drained.
    func pump() {
        guard var feed = self.feed, let connection = self.connections[feed.line] else { return }
        while !feed.isDone, connection.queuedBytes < self.services.limits.maxUpstreamBacklogBytes {
            let isSent = feed.next { piece in
                switch connection.appendInputAudio(piece) {
                case .sent, .buffered: true
                case .dropped, .closed: false
                }
            }
            guard isSent else { break }
        }
        self.feed = feed.isDone ? nil : feed
        if feed.isDone { self.perform(self.machine.recordingSent(feed.turn)) }
    }

    func discard(_ turn: TurnID) {
        self.recordings[turn] = nil
        self.decodeQueue.removeAll { $0 == turn }
        guard let feed = self.feed, feed.turn == turn else { return }
        self.feed = nil
        // A part of it is with the model already, and would become part of the next turn.
        self.connections[feed.line]?.send(.clearInputAudio)
    }
}

extension ErrorCode {
    /// The code that a client is told for what went wrong with its audio.
    init(_ error: AudioError) {
        self = ErrorCode(rawValue: error.code.rawValue) ?? .badAudio
    }
}
