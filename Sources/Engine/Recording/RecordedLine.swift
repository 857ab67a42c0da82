import JSON
import RealtimeProtocol

/// One line of a recording: what went into a session's machine, or what came out of it.
enum RecordedLine: Sendable, Equatable {
    /// The first line.
    case opened(RecordedOpening)
    /// An event of the client; its audio may be left out.
    case heard(JSONValue)
    /// A frame of the client that is no JSON.
    case heardNonsense
    /// A frame that was refused before it was read.
    case refused(JSONValue)
    /// What the detector thought of the frames that were complete with the line before.
    case judged([SpeechVerdict])
    /// An event of the engine; its audio may be left out.
    case said(JSONValue)
    case made(RecordedSpeech)
    case speechEnded(responseID: String)
    case speechFailed(responseID: String)
    case expired(afterMinutes: Int)
    /// The file has reached its greatest size.
    case full

    func json(atMs: Int) -> JSONValue {
        var line: [String: JSONValue] = ["at_ms": .integer(atMs)]
        switch self {
        case .opened(let opening): line["opened"] = opening.json
        case .heard(let event): line["in"] = event
        case .heardNonsense: line["nonsense"] = true
        case .refused(let error): line["refused"] = error
        case .judged(let verdicts): line["judged"] = .string(verdicts.text)
        case .said(let event): line["out"] = event
        case .made(let speech): line["made"] = speech.json
        case .speechEnded(let id): line["speech_ended"] = .string(id)
        case .speechFailed(let id): line["speech_failed"] = .string(id)
        case .expired(let minutes): line["expired"] = .integer(minutes)
        case .full: line["full"] = true
        }
        return .object(line)
    }

    /// nil for a line that is none of ours.
    init?(_ line: JSONValue) {
        if let event = line["in"] {
            self = .heard(event)
        } else if let event = line["out"] {
            self = .said(event)
        } else if let made = line["made"].flatMap(RecordedSpeech.init) {
            self = .made(made)
        } else if let verdicts = line["judged"]?.string.flatMap([SpeechVerdict].init(text:)) {
            self = .judged(verdicts)
        } else if let id = line["speech_ended"]?.string {
            self = .speechEnded(responseID: id)
        } else if let id = line["speech_failed"]?.string {
            self = .speechFailed(responseID: id)
        } else if let error = line["refused"] {
            self = .refused(error)
        } else if let minutes = line["expired"]?.integer {
            self = .expired(afterMinutes: minutes)
        } else if let opening = line["opened"].flatMap(RecordedOpening.init) {
            self = .opened(opening)
        } else if line["nonsense"]?.bool == true {
            self = .heardNonsense
        } else if line["full"]?.bool == true {
            self = .full
        } else {
            return nil
        }
    }
}
