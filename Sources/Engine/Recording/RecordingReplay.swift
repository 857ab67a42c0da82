import JSON
import RealtimeProtocol

/// Plays a recording into a fresh session and compares what it says with what was said then.
///
/// The recording's lines are the clock: what the client sent, and what the voice had ready, happens again in the same order,
/// however fast. Ids come out the same because they are made from the same salt; `event_id` and times are not compared. With
/// audio, every byte of it is, and what the user said is judged again.
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

    private let opening: RecordedOpening
    private let lines: [RecordedLine]

    /// - Throws: `Fault` with the first line that is none of a recording's.
    public init(parsing text: [UInt8]) throws(Fault) {
        var lines: [RecordedLine] = []
        for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        where !line.isEmpty {
            guard let json = try? JSONValue(parsing: Array(line)), let known = RecordedLine(json) else {
                throw Fault(line: index + 1, message: "this is no line of a recording of this version")
            }
            lines.append(known)
        }
        guard case .opened(let opening)? = lines.first else {
            throw Fault(line: 1, message: "a recording begins with its opening")
        }
        self.opening = opening
        self.lines = lines
    }

    public func run() -> Outcome {
        let session = ReplayedSession(self.opening)
        var outcome = Outcome()
        var said = session.opened()[...]
        for index in self.lines.indices.dropFirst() where outcome.difference == nil {
            if case .full = self.lines[index] { return outcome }
            if case .said = self.lines[index] { outcome.events += 1 }
            outcome.difference = self.difference(at: index, &said, session)
            said += session.happens(self.lines[index], hasAudio: self.hasAudio(behind: index))
        }
        guard outcome.difference == nil, let extra = said.first else { return outcome }
        outcome.difference = Difference(line: self.lines.count + 1, recorded: nil, replayed: extra.text)
        return outcome
    }

    /// Takes from `said` what the line expects of it.
    private func difference(
        at index: Int, _ said: inout ArraySlice<JSONValue>, _ session: ReplayedSession
    ) -> Difference? {
        guard let recorded = session.expected(self.lines[index]) else {
            return said.first.map { Difference(line: index + 1, recorded: nil, replayed: $0.text) }
        }
        let replayed = said.popFirst()
        if let replayed, session.comparable(recorded) == session.comparable(replayed) { return nil }
        return Difference(line: index + 1, recorded: recorded.text, replayed: replayed?.text)
    }

    /// Whether a piece of speech went out: what is coded may come a piece later than what was made.
    private func hasAudio(behind index: Int) -> Bool {
        for line in self.lines[(index + 1)...] {
            guard case .said(let event) = line else { return false }
            if event["type"] == "response.output_audio.delta" { return true }
        }
        return false
    }
}
