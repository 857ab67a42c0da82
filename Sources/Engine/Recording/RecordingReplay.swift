import JSON
import RealtimeProtocol

/// Plays a recording into a fresh session and compares what it says with what was said then.
///
/// The recording's lines are the clock: what the client sent, and what the voice had ready, happens again in the same order,
/// however fast. Ids come out the same because they are made from the same salt; `event_id` and times are not compared.
public struct RecordingReplay: Sendable {
    /// What came of it.
    public struct Outcome: Sendable, Equatable {
        /// Events that were compared.
        public var events = 0
        /// nil when all events were the same.
        public var difference: Difference?
    }

    /// The first place where the session says something else.
    public struct Difference: Sendable, Equatable {
        /// Of the recording, from 1; behind its end for what was said and had not been.
        public var line: Int
        /// JSON; nil where there was nothing.
        public var recorded: String?
        public var replayed: String?
    }

    /// Why a file cannot be played.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        public let line: Int
        public let message: String
        public var description: String { "line \(self.line): \(self.message)" }
    }

    private let lines: [RecordedLine]

    /// - Throws: `Fault` with the first line that is none of a recording's.
    public init(parsing text: [UInt8]) throws(Fault) {
        var lines: [RecordedLine] = []
        for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            guard let json = try? JSONValue(parsing: Array(line)), let known = RecordedLine(json) else {
                throw Fault(line: index + 1, message: "this is no line of a recording")
            }
            lines.append(known)
        }
        guard case .opened? = lines.first else { throw Fault(line: 1, message: "a recording begins with its opening") }
        self.lines = lines
    }

    public func run() -> Outcome {
        guard case .opened(let salt, let model, let expiresAt)? = self.lines.first else { return Outcome() }
        var ids = IdentifierSource(salt: salt)
        let identity = SessionIdentity(
            id: ids.next("sess"), conversationID: ids.next("conv"), model: model, expiresAt: expiresAt)
        var machine = EngineMachine(
            identity: identity, ids: ids, limits: EngineConfiguration().machineLimits)
        var outcome = Outcome()
        var said = Self.events(machine.opened(), hasAudio: false)[...]
        for index in self.lines.indices.dropFirst() {
            if case .full = self.lines[index] { return outcome }
            guard case .said(let recorded) = self.lines[index] else {
                if let extra = said.first {
                    outcome.difference = Difference(line: index + 1, recorded: nil, replayed: extra.text)
                    return outcome
                }
                said = self.feed(index, to: &machine)[...]
                continue
            }
            outcome.events += 1
            let replayed = said.popFirst()
            guard let replayed, Self.comparable(recorded) == Self.comparable(replayed) else {
                outcome.difference = Difference(line: index + 1, recorded: recorded.text, replayed: replayed?.text)
                return outcome
            }
        }
        outcome.difference = said.first.map {
            Difference(line: self.lines.count + 1, recorded: nil, replayed: $0.text)
        }
        return outcome
    }

    private func feed(_ index: Int, to machine: inout EngineMachine) -> [JSONValue] {
        switch self.lines[index] {
        case .heard(let event): Self.events(self.heard(event, at: index, &machine), hasAudio: false)
        case .heardNonsense: Self.events(machine.receive(Array("{".utf8)), hasAudio: false)
        case .refused(let error):
            Self.events(machine.received(.failure(RealtimeError(error)), id: nil), hasAudio: false)
        case .made(let id, let samples):
            Self.events(machine.audioMade(id, samples: samples), hasAudio: self.hasAudio(behind: index))
        case .speechEnded(let id): Self.events(machine.speechEnded(id), hasAudio: false)
        case .speechFailed(let id): Self.events(machine.speechFailed(id), hasAudio: false)
        case .expired(let minutes): Self.events(machine.expired(afterMinutes: minutes), hasAudio: false)
        case .opened, .said, .full: []
        }
    }

    private func heard(_ event: JSONValue, at index: Int, _ machine: inout EngineMachine) -> [EngineAction] {
        guard event["type"]?.string == "input_audio_buffer.append", let count = event["audio_bytes"]?.integer,
            (0...EngineConfiguration().maxEventBytes).contains(count)
        else { return machine.receive(event.encoded) }
        // Without the audio itself nothing can be heard in it: what was found in it then is found again.
        return machine.audioAppended(Array(repeating: 0, count: count), heard: self.turns(behind: index))
    }

    /// Whether a piece of speech went out: what is coded may come a piece later than what was made.
    private func hasAudio(behind index: Int) -> Bool {
        for line in self.lines[(index + 1)...] {
            guard case .said(let event) = line else { return false }
            if event["type"] == "response.output_audio.delta" { return true }
        }
        return false
    }

    /// Where speech began and ended, as the events say that follow an append.
    private func turns(behind index: Int) -> [VoiceActivityDetector.Event] {
        var turns: [VoiceActivityDetector.Event] = []
        for line in self.lines[(index + 1)...] {
            guard case .said(let event) = line else { break }
            if event["type"] == "input_audio_buffer.speech_started", let ms = event["audio_start_ms"]?.integer {
                turns.append(.started(atMs: ms))
            } else if event["type"] == "input_audio_buffer.speech_stopped", let ms = event["audio_end_ms"]?.integer {
                turns.append(.stopped(atMs: ms))
            }
        }
        return turns
    }

    /// What goes out, without audio.
    private static func events(_ actions: [EngineAction], hasAudio: Bool) -> [JSONValue] {
        actions.compactMap { action in
            switch action {
            case .send(let event):
                let members = event.fields.merging(["type": .string(event.type)]) { $1 }
                return Redaction.event(.object(members), keepsAudio: false)
            case .sendAudio(let responseID, let itemID, _):
                guard hasAudio else { return nil }
                return [
                    "type": "response.output_audio.delta", "response_id": .string(responseID),
                    "item_id": .string(itemID), "output_index": 0, "content_index": 0,
                ]
            default: return nil
            }
        }
    }

    /// An event as far as it is the same each time: without its id, and without the bytes of its audio, whose samples are
    /// what went in.
    private static func comparable(_ event: JSONValue) -> JSONValue {
        guard var members = Redaction.event(event, keepsAudio: false).object else { return event }
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
