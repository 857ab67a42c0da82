import JSON
import RealtimeProtocol

/// One line of a recording: what went into a session's machine, or what came out of it.
enum RecordedLine: Sendable, Equatable {
    /// The first line; `salt` makes the ids of the session.
    case opened(salt: String, model: String, expiresAt: Int)
    /// An event of the client; its audio may be left out.
    case heard(JSONValue)
    /// A frame of the client that is no JSON.
    case heardNonsense
    /// A frame that was refused before it was read.
    case refused(JSONValue)
    /// An event of the engine; its audio may be left out.
    case said(JSONValue)
    case made(responseID: String, samples: Int)
    case speechEnded(responseID: String)
    case speechFailed(responseID: String)
    case expired(afterMinutes: Int)
    /// The file has reached its greatest size.
    case full

    func json(atMs: Int) -> JSONValue {
        var line: [String: JSONValue] = ["at_ms": .integer(atMs)]
        switch self {
        case .opened(let salt, let model, let expiresAt):
            line["opened"] = [
                "version": 1, "salt": .string(salt), "model": .string(model), "expires_at": .integer(expiresAt),
            ]
        case .heard(let event): line["in"] = event
        case .heardNonsense: line["nonsense"] = true
        case .refused(let error): line["refused"] = error
        case .said(let event): line["out"] = event
        case .made(let id, let samples): line["made"] = ["response_id": .string(id), "samples": .integer(samples)]
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
        } else if let made = line["made"], let id = made["response_id"]?.string, let samples = made["samples"]?.integer,
            (0...10_000_000).contains(samples)
        {
            self = .made(responseID: id, samples: samples)
        } else if let id = line["speech_ended"]?.string {
            self = .speechEnded(responseID: id)
        } else if let id = line["speech_failed"]?.string {
            self = .speechFailed(responseID: id)
        } else if let error = line["refused"] {
            self = .refused(error)
        } else if let minutes = line["expired"]?.integer {
            self = .expired(afterMinutes: minutes)
        } else if let opened = line["opened"], let salt = opened["salt"]?.string, salt.utf8.count <= 16 {
            self = .opened(
                salt: salt, model: opened["model"]?.string ?? "", expiresAt: opened["expires_at"]?.integer ?? 0)
        } else if line["nonsense"]?.bool == true {
            self = .heardNonsense
        } else if line["full"]?.bool == true {
            self = .full
        } else {
            return nil
        }
    }
}
