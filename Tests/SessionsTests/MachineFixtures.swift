import ClientProtocol
import JSON
import Personas
import RealtimeProtocol

@testable import Sessions

extension CompiledPersona {
    static func fixture(_ id: String, language: String, voice: RealtimeVoice, greeting: String?) -> CompiledPersona {
        // The ids of these fixtures are legal.
        CompiledPersona(
            id: PersonaID(id) ?? .placeholder, kind: .astrologer, name: id, field: "Love",
            instructions: "You are \(id).",
            voice: voice, greeting: greeting, language: language, sha256: id)
    }

    static let tina = fixture("tina", language: "hi", voice: .coral, greeting: "नमस्ते")
    static let mohit = fixture("mohit", language: "en", voice: .ash, greeting: "Hello.")
    static let quiet = fixture("quiet", language: "en", voice: .echo, greeting: nil)
}

extension PersonaID {
    static var placeholder: PersonaID {
        guard let id = PersonaID("placeholder") else { preconditionFailure("placeholder is a legal id") }
        return id
    }
}

extension ConversationMachine {
    static let firstLine = LineID(number: 1)

    /// A machine whose persona is ready and has nothing to say.
    static func ready(_ persona: CompiledPersona = .quiet, truncates: Bool = true) -> ConversationMachine {
        var machine = ConversationMachine()
        machine.makeReady(persona, line: 1, truncates: truncates)
        return machine
    }

    /// A machine that has asked for the answer to a typed turn.
    static func asked(_ persona: CompiledPersona = .quiet) -> ConversationMachine {
        var machine = Self.ready(persona)
        _ = machine.textReceived("Hello?", now: 0)
        return machine
    }

    /// A machine whose persona is speaking: `heardMs` of `sentMs` have been heard.
    static func responding(_ persona: CompiledPersona = .quiet, sentMs: Int = 1_000) -> ConversationMachine {
        var machine = Self.asked(persona)
        _ = machine.upstream(firstLine, .responseCreated(id: "resp_1", metadata: [:]), now: 0)
        let audio = [UInt8](repeating: 0, count: sentMs * 48)
        _ = machine.upstream(firstLine, .audioDelta(.reply("resp_1"), audio: audio), now: 0)
        machine.audioSent(sentMs, of: "item_resp_1", now: 0)
        return machine
    }

    /// Goes from a choice to the persona's first turn.
    @discardableResult
    mutating func makeReady(
        _ persona: CompiledPersona, line number: Int, truncates: Bool = true, verbatim: Bool = false
    ) -> [SessionAction] {
        let line = LineID(number: number)
        _ = self.choose(persona, PersonaRequest(id: persona.id.rawValue), greets: true, now: 0)
        self.connected(line, RealtimeCapabilities(speaksVerbatim: verbatim, truncates: truncates))
        _ = self.upstream(line, .sessionCreated(SessionSummary(id: "s")), now: 0)
        return self.upstream(line, .sessionUpdated(SessionSummary(id: "s")), now: 0)
    }

    mutating func model(_ event: RealtimeServerEvent, line: Int = 1, now: Int = 0) -> [SessionAction] {
        self.upstream(LineID(number: line), event, now: now)
    }

    /// The model says that a response is over.
    mutating func responseDone(
        _ id: String, _ status: ResponseSummary.Status = .completed, error: RealtimeError? = nil
    ) -> [SessionAction] {
        self.model(.responseDone(ResponseSummary(id: id, status: status, error: error)))
    }
}

extension OutputPart {
    static func reply(_ response: String) -> OutputPart {
        OutputPart(responseID: response, itemID: "item_\(response)")
    }
}

extension RealtimeClientEvent {
    /// The plain request for an answer, the session's first unless said otherwise.
    static func asks(_ number: Int = 1) -> RealtimeClientEvent {
        .createResponse(ResponseRequest(eventID: "ask_\(number)"))
    }
}

extension SessionAction {
    static func told(_ code: ErrorCode, _ message: String) -> [SessionAction] {
        [.count(.error(code)), .downstream(.error(code, message: message, isFatal: false, retryAfterMs: nil))]
    }
}
