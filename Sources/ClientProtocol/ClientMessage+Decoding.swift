import JSON

extension ClientMessage {
    // Far above what any client sends, far below what would cost memory or time.
    private static let maxTextBytes = 8_192
    private static let maxIDBytes = 128
    private static let maxVars = 24

    /// Decodes one text frame. Audio goes from the frame to bytes without a `String` in between.
    public init(decoding frame: UnsafeRawBufferPointer) throws(ClientMessageError) {
        guard let object = ShallowObject(frame) else { throw Self.malformed(frame) }
        guard let type = object.string("type") else { throw Self.wrong("type must be a string") }
        switch type {
        case "audio_chunk": self = .audioChunk(try Self.base64(object.plainBytes("audio"), "audio"))
        case "audio": self = .audio(try Self.utterance(object))
        case "text": self = .text(try Self.text(object))
        case "config": self = .config(try Self.personaRequest(object))
        case "ping": self = .ping(t: object.value("t"))
        case "hello": self = .hello(try Self.hello(object))
        case "commit": self = .commit(turnID: object.string("client_turn_id"))
        case "cancel": self = .cancel(responseID: object.string("response_id"))
        case "played":
            guard let ms = object.integer("ms"), (0...Int(Int32.max)).contains(ms) else {
                throw Self.wrong("ms must be a whole number from 0")
            }
            self = .played(responseID: object.string("response_id") ?? "", ms: ms)
        case "barge_in":
            switch object.string("verdict") {
            case "confirm": self = .bargeIn(isMeant: true)
            case "reject": self = .bargeIn(isMeant: false)
            default: throw Self.wrong("verdict must be confirm or reject")
            }
        case "mark_ack":
            guard let name = try Self.identifier(object.string("name"), "name") else {
                throw Self.wrong("name must be a string")
            }
            self = .markAck(name: name, isCleared: object.value("cleared")?.bool ?? false)
        case "state": self = .state(try Self.state(object))
        case "bye": self = .bye
        default: self = .other(type: String(type.prefix(Self.maxIDBytes)))
        }
    }

    private static func wrong(_ sentence: String) -> ClientMessageError {
        ClientMessageError(.badMessage, sentence)
    }

    /// Tells what is no JSON from what is JSON that we do not take; a huge frame is not worth the second look.
    private static func malformed(_ frame: UnsafeRawBufferPointer) -> ClientMessageError {
        guard frame.count <= 65_536, let value = try? JSONValue(parsing: frame), value.object != nil else {
            return ClientMessageError(.badJSON, "the frame is not one JSON object")
        }
        return self.wrong("a key occurs twice, there are over 24 keys, or the nesting is over 32 levels")
    }

    private static func utterance(_ object: ShallowObject) throws(ClientMessageError) -> Utterance {
        let (audio, data) = (object.plainBytes("audio"), object.plainBytes("data"))
        if let audio, let data, !audio.elementsEqual(data) {
            throw self.wrong("audio and data differ: send one of them")
        }
        return Utterance(
            bytes: try self.base64(audio ?? data, "audio"), format: object.string("format"),
            sampleRate: try self.number(object, "sample_rate"), channels: try self.number(object, "channels"),
            turnID: try self.identifier(object.string("client_turn_id"), "client_turn_id"))
    }

    /// A whole number, if it is there at all.
    private static func number(_ object: ShallowObject, _ key: StaticString) throws(ClientMessageError) -> Int? {
        guard object.contains(key) else { return nil }
        guard let number = object.integer(key) else { throw self.wrong("\(key) must be a whole number") }
        return number
    }

    private static func base64(
        _ text: UnsafeRawBufferPointer?, _ key: String
    ) throws(ClientMessageError) -> [UInt8] {
        guard let text else { throw self.wrong("\(key) must be a string of base64") }
        guard let bytes = Base64.decode(text) else {
            throw ClientMessageError(.badAudio, "\(key) is not base64 (standard alphabet, padded, no line breaks)")
        }
        return bytes
    }

    private static func text(_ object: ShallowObject) throws(ClientMessageError) -> String {
        guard let text = object.string("text") ?? object.string("data") else {
            throw self.wrong("text must be a string")
        }
        guard text.utf8.count <= self.maxTextBytes else {
            throw ClientMessageError(.tooLarge, "text of \(text.utf8.count) bytes exceeds \(self.maxTextBytes)")
        }
        guard text.contains(where: { !$0.isWhitespace }) else { throw self.wrong("text is empty") }
        return text
    }

    private static func personaRequest(_ object: ShallowObject) throws(ClientMessageError) -> PersonaRequest {
        guard
            let id = self.scalar(object, "persona_id") ?? self.scalar(object, "astrologer_id")
                ?? self.scalar(object, "scenario_id") ?? self.scalar(object, "interaction_id")
        else {
            throw self.wrong("astrologer_id, persona_id, scenario_id or interaction_id must be a string or a number")
        }
        var request = PersonaRequest(id: try self.identifier(id, "the persona's id") ?? "")
        request.mode = object.string("mode")
        request.switchID = try self.identifier(object.string("switch_id"), "switch_id")
        request.greets = object.value("greet")?.bool ?? true
        if let history = object.string("history") {
            guard let known = PersonaRequest.History(rawValue: history) else {
                throw self.wrong("history must be fresh or carry")
            }
            request.history = known
        }
        request.voice = try self.identifier(object.string("voice"), "voice")
        request.language = try self.identifier(object.string("language"), "language")
        request.vars = try self.vars(object.value("vars"))
        return request
    }

    private static func vars(_ value: JSONValue?) throws(ClientMessageError) -> [String: String] {
        guard let value, value != .null else { return [:] }
        guard let members = value.object, members.count <= self.maxVars else {
            throw self.wrong("vars must be an object of up to \(self.maxVars) members")
        }
        var vars: [String: String] = [:]
        for (name, value) in members {
            guard let text = value.string ?? value.integer.map({ "\($0)" }) ?? value.bool.map({ "\($0)" }),
                (1...64).contains(name.utf8.count), text.utf8.count <= 512
            else {
                throw self.wrong("vars must have names of 1 to 64 bytes and short strings, whole numbers or booleans")
            }
            vars[name] = text
        }
        return vars
    }

    /// The current app sends 1, 2, 3 where others send an id.
    private static func scalar(_ object: ShallowObject, _ key: StaticString) -> String? {
        object.string(key) ?? object.integer(key).map { String($0) }
    }

    private static func identifier(_ id: String?, _ name: String) throws(ClientMessageError) -> String? {
        guard let id else { return nil }
        guard !id.isEmpty, id.utf8.count <= self.maxIDBytes else {
            throw self.wrong("\(name) must have 1 to \(self.maxIDBytes) bytes")
        }
        return id
    }

    private static func hello(_ object: ShallowObject) throws(ClientMessageError) -> Hello {
        guard let version = object.string("v"), version.hasPrefix("1.") else { throw self.wrong("v must be 1.0") }
        var hello = Hello(version: version)
        hello.features = (object.value("features")?.array ?? []).compactMap(\.string)
        let audio = object.value("audio")
        hello.input = try AudioFormat.input(audio?["in"])
        hello.output = try AudioFormat.output(audio?["out"])
        hello.cancelsEcho = object.value("aec")?.bool ?? true
        hello.resume = try self.resume(object.value("resume"))
        return hello
    }

    private static func state(_ object: ShallowObject) throws(ClientMessageError) -> ClientState {
        var state = ClientState()
        if let app = object.string("app") {
            guard ["foreground", "background"].contains(app) else {
                throw self.wrong("app must be foreground or background")
            }
            state.isInForeground = app == "foreground"
        }
        if let mute = object.value("mute") {
            guard let isMuted = mute.bool else { throw self.wrong("mute must be true or false") }
            state.isMuted = isMuted
        }
        if let output = object.string("output") {
            guard let known = ClientState.Output(rawValue: output) else {
                throw self.wrong("output must be audio or text")
            }
            state.output = known
        }
        return state
    }

    private static func resume(_ value: JSONValue?) throws(ClientMessageError) -> Hello.Resume? {
        guard let value, value != .null else { return nil }
        guard let token = try self.identifier(value["token"]?.string, "resume.token") else {
            throw self.wrong("resume.token must be a string")
        }
        var resume = Hello.Resume(token: token)
        if let last = value["last_seq"] { resume.lastSequence = try self.position(last, "resume.last_seq") }
        guard let played = value["played"], played != .null else { return resume }
        let id = try self.identifier(played["response_id"]?.string, "resume.played.response_id")
        resume.played = Hello.Played(
            responseID: id ?? "", ms: try self.position(played["ms"] ?? 0, "resume.played.ms"))
        return resume
    }

    private static func position(_ value: JSONValue, _ name: String) throws(ClientMessageError) -> Int {
        guard let number = value.integer, (0...Int(Int32.max)).contains(number) else {
            throw self.wrong("\(name) must be a whole number from 0")
        }
        return number
    }
}
