import Audio
import JSON
import RealtimeProtocol

/// A session that hears a recording in the place of a client, and a voice.
final class ReplayedSession {
    private let opening: RecordedOpening
    private var machine: EngineMachine
    private lazy var detector = self.opening.detector.makeDetector()
    private var runs: [String: SpeechRun] = [:]

    init(_ opening: RecordedOpening) {
        self.opening = opening
        var ids = IdentifierSource(salt: opening.salt)
        let identity = SessionIdentity(
            id: ids.next("sess"), conversationID: ids.next("conv"), model: opening.model, expiresAt: opening.expiresAt)
        self.machine = EngineMachine(identity: identity, ids: ids, limits: EngineConfiguration().machineLimits)
    }

    func opened() -> [JSONValue] {
        self.events(self.machine.opened())
    }

    /// What the session has to have said, or judged, for a line to be as it is; nil for what only happened to it.
    func expected(_ line: RecordedLine) -> JSONValue? {
        switch line {
        case .said(let event): event
        case .judged(let verdicts): self.opening.keepsAudio ? Self.judgement(verdicts) : nil
        default: nil
        }
    }

    /// What the session says to a line, in order.
    ///
    /// - Parameter hasAudio: a piece of speech went out then.
    func happens(_ line: RecordedLine, hasAudio: Bool) -> [JSONValue] {
        switch line {
        case .heard(let event): self.events(self.heard(event))
        case .heardNonsense: self.events(self.machine.receive(Array("{".utf8)))
        case .refused(let error): self.events(self.machine.received(.failure(RealtimeError(error)), id: nil))
        case .judged(let verdicts): self.events(self.machine.judged(verdicts))
        case .made(let speech): self.made(speech, hasAudio: hasAudio)
        case .speechEnded(let id): self.events(self.machine.speechEnded(id))
        case .speechFailed(let id): self.events(self.machine.speechFailed(id))
        case .expired(let minutes): self.events(self.machine.expired(afterMinutes: minutes))
        case .opened, .said, .full: []
        }
    }

    private func heard(_ event: JSONValue) -> [EngineAction] {
        guard event["type"]?.string == "input_audio_buffer.append", let count = event["audio_bytes"]?.integer,
            (0...EngineConfiguration().maxEventBytes).contains(count)
        else { return self.machine.receive(event.encoded) }
        // The sound itself is not known; what was thought of it is.
        return self.machine.audioAppended(Array(repeating: 0, count: count))
    }

    private func made(_ speech: RecordedSpeech, hasAudio: Bool) -> [JSONValue] {
        self.events(self.machine.audioMade(speech.responseID, samples: speech.samples), speech, hasAudio: hasAudio)
    }

    private func events(
        _ actions: [EngineAction], _ speech: RecordedSpeech? = nil, hasAudio: Bool = false
    ) -> [JSONValue] {
        actions.compactMap { action in
            switch action {
            case .send(let event):
                let members = event.fields.merging(["type": .string(event.type)]) { $1 }
                return Redaction.event(.object(members), keepsAudio: self.opening.keepsAudio)
            case .sendAudio(let responseID, let itemID, let format):
                if let audio = speech?.audio {
                    return self.delta(audio, speech?.isLast == true, responseID, itemID, format)
                }
                return hasAudio ? Self.delta(responseID, itemID) : nil
            case .judge(let frames, let threshold):
                guard self.opening.keepsAudio else { return nil }
                return Self.judgement(self.detector.judge(frames, threshold: threshold))
            case .responseEnded(let id, _):
                self.runs[id] = nil
                return nil
            default: return nil
            }
        }
    }

    private static func judgement(_ verdicts: [SpeechVerdict]) -> JSONValue {
        ["judged": .string(verdicts.text)]
    }

    private static func delta(_ responseID: String, _ itemID: String) -> JSONValue {
        [
            "type": "response.output_audio.delta", "response_id": .string(responseID), "item_id": .string(itemID),
            "output_index": 0, "content_index": 0,
        ]
    }

    /// The audio as it was coded for the wire; nil while the coder keeps it.
    private func delta(
        _ audio: [Int16], _ isLast: Bool, _ responseID: String, _ itemID: String, _ format: AudioFormat
    ) -> JSONValue? {
        let run = self.runs[responseID] ?? SpeechRun()
        self.runs[responseID] = run
        if isLast { run.finish(.done) }
        guard let bytes = try? run.encode(audio, as: format), !bytes.isEmpty else { return nil }
        return try? JSONValue(
            parsing: AudioDelta.encoded(bytes, responseID: responseID, itemID: itemID, eventID: ""))
    }
}

extension ReplayedSession {
    /// An event as far as it is the same each time: without its id, and without audio where only its length is known: samples
    /// are coded in pieces that need not be those of then.
    func comparable(_ event: JSONValue) -> JSONValue {
        guard var members = Redaction.event(event, keepsAudio: self.opening.keepsAudio).object else { return event }
        members["event_id"] = nil
        if event["type"] == "response.output_audio.delta" { members["audio_bytes"] = nil }
        // Numbers that were written and read again.
        return (try? JSONValue(parsing: JSONValue.object(members).encoded)) ?? .null
    }
}

extension EngineMachine {
    /// A text frame of the client.
    fileprivate mutating func receive(_ text: [UInt8]) -> [EngineAction] {
        let (event, id) = text.withUnsafeBytes { ClientEvent.decode($0) }
        return self.received(event, id: id)
    }
}
