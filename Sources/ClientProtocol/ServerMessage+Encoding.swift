import JSON

/// What every event of a streaming session carries besides its own fields.
public struct Envelope: Sendable, Equatable {
    /// Rises by one with each event.
    public var sequence: Int
    /// Milliseconds since the session opened.
    public var timestampMs: Int

    public init(sequence: Int, timestampMs: Int) {
        self.sequence = sequence
        self.timestampMs = timestampMs
    }
}

extension ServerMessage {
    /// One text frame. Audio is written straight behind its key, as base64.
    public func encoded(_ envelope: Envelope? = nil) -> [UInt8] {
        if case .audioDelta(let audio, let responseID, let itemID, let generation, let offsetMs) = self {
            return Self.delta(audio, responseID, itemID, generation, offsetMs, envelope)
        }
        var fields = self.fields
        fields["type"] = .string(self.type)
        if let envelope {
            fields["seq"] = .integer(envelope.sequence)
            fields["ts_ms"] = .integer(envelope.timestampMs)
        }
        var frame: [UInt8] = []
        guard let audio = self.audio else {
            JSONValue.object(fields).append(to: &frame)
            return frame
        }
        frame.reserveCapacity(Base64.encodedCount(audio.count) + 256)
        JSONValue.object(fields).append(to: &frame)
        frame.removeLast()
        frame.append(contentsOf: #","audio":""#.utf8)
        audio.withUnsafeBytes { Base64.append($0, to: &frame) }
        frame.append(contentsOf: #""}"#.utf8)
        return frame
    }

    /// The message that there are many of: what is in it is written as it comes, with no table of fields in between.
    private static func delta(
        _ audio: [UInt8], _ responseID: String, _ itemID: String, _ generation: Int, _ offsetMs: Int,
        _ envelope: Envelope?
    ) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(Base64.encodedCount(audio.count) + 256)
        frame.append(contentsOf: #"{"type":"audio_delta","response_id":"#.utf8)
        JSONValue.string(responseID).append(to: &frame)
        frame.append(contentsOf: #","item_id":"#.utf8)
        JSONValue.string(itemID).append(to: &frame)
        func member(_ key: String, _ value: Int) {
            frame.append(contentsOf: key.utf8)
            frame.append(contentsOf: String(value).utf8)
        }
        member(#","generation":"#, generation)
        member(#","offset_ms":"#, offsetMs)
        if let envelope {
            member(#","seq":"#, envelope.sequence)
            member(#","ts_ms":"#, envelope.timestampMs)
        }
        frame.append(contentsOf: #","audio":""#.utf8)
        audio.withUnsafeBytes { Base64.append($0, to: &frame) }
        frame.append(contentsOf: #""}"#.utf8)
        return frame
    }

    /// The word in `type`.
    public var type: String {
        switch self {
        case .welcome: "welcome"
        case .configAck: "config_ack"
        case .wavResponse, .pcmResponse: "audio_response"
        case .textResponse: "text_response"
        case .audioStart: "audio_start"
        case .audioDelta: "audio_delta"
        case .audioEnd: "audio_end"
        case .clear: "clear"
        case .pause: "pause"
        case .resumeAudio: "resume_audio"
        case .transcript: "transcript"
        case .state: "state"
        case .mark: "mark"
        case .metrics: "metrics"
        case .warning: "warning"
        case .error: "error"
        case .goaway: "goaway"
        case .session: "session"
        case .pong: "pong"
        }
    }

    private var audio: [UInt8]? {
        switch self {
        case .wavResponse(let audio, _), .pcmResponse(let audio, _): audio
        default: nil
        }
    }

    private var fields: [String: JSONValue] {
        switch self {
        case .welcome(let welcome): return welcome.fields
        case .configAck(let card, let switchID):
            var fields: [String: JSONValue] = [
                "astrologer_id": .string(card.id), "message": .string("Astrologer set to \(card.id)"),
                "persona": card.json, "status": "ready",
            ]
            fields["switch_id"] = switchID.map(JSONValue.string)
            return fields
        case .wavResponse(_, let responseID):
            return ["format": "wav", "text": "", "response_id": .string(responseID)]
        case .pcmResponse(_, let responseID):
            return ["mime_type": "audio/pcm", "text": "", "response_id": .string(responseID)]
        case .textResponse(let text, let responseID):
            return ["text": .string(text), "response_id": .string(responseID)]
        case .audioStart(let header): return header.fields
        case .audioDelta: return [:]  // written without a table, see `delta`
        case .audioEnd(let responseID, let totalMs, let reason):
            return [
                "response_id": .string(responseID), "total_ms": .integer(totalMs), "reason": .string(reason.rawValue),
            ]
        case .clear(let generation, let heardMs):
            return ["generation": .integer(generation), "heard_ms": .integer(heardMs)]
        case .pause(let generation, let responseID, let deadlineMs):
            return [
                "generation": .integer(generation), "response_id": .string(responseID),
                "deadline_ms": .integer(deadlineMs),
            ]
        case .resumeAudio(let generation, let responseID, let fromMs):
            return [
                "generation": .integer(generation), "response_id": .string(responseID), "from_ms": .integer(fromMs),
            ]
        case .transcript(let transcript): return transcript.fields
        case .state(let agent, let user, let cause):
            var fields: [String: JSONValue] = ["agent": .string(agent.rawValue)]
            fields["user"] = user.map { .string($0.rawValue) }
            fields["cause"] = cause.map { .string($0.rawValue) }
            return fields
        case .mark(let name, let responseID): return ["name": .string(name), "response_id": .string(responseID)]
        case .metrics(let metrics):
            return [
                "turn_id": .string(metrics.turnID), "endpoint_ms": .integer(metrics.endpointMs),
                "upstream_first_ms": .integer(metrics.upstreamFirstMs), "gateway_ms": .integer(metrics.gatewayMs),
                "first_audio_ms": .integer(metrics.firstAudioMs),
            ]
        case .warning(let code, let message): return ["code": .string(code), "message": .string(message)]
        case .error(let code, let message, let isFatal, let retryAfterMs):
            // Old clients read `error`, newer ones `message`.
            var fields: [String: JSONValue] = [
                "code": .string(code.rawValue), "message": .string(message), "error": .string(message),
                "fatal": .bool(isFatal),
            ]
            fields["retry_after_ms"] = retryAfterMs.map(JSONValue.integer)
            return fields
        case .goaway(let reason, let byMs):
            return ["reason": .string(reason), "by_ms": .integer(byMs), "resume": false]
        case .session(let news): return news.fields
        case .pong(let t, let serverMs):
            var fields: [String: JSONValue] = ["server_t": .integer(serverMs)]
            fields["t"] = t
            return fields
        }
    }
}

extension Welcome {
    fileprivate var fields: [String: JSONValue] {
        var output = self.output.json
        if self.output.isFramed(isBinary: self.features.contains(.binary)) {
            output["frame_ms"] = .integer(self.output.frameMs)
        }
        var fields: [String: JSONValue] = [
            "v": "1.0", "session_id": .string(self.sessionID), "resumed": .string(self.resumption.rawValue),
            "features": .array(self.features.map { .string($0.rawValue) }),
            "audio": ["in": .object(self.input.json), "out": .object(output)],
            "limits": [
                "max_message_bytes": .integer(self.maxMessageBytes), "ping_s": .integer(self.pingSeconds),
                "grace_s": .integer(self.graceSeconds),
            ],
        ]
        if let token = self.resumeToken {
            fields["resume_token"] = .string(token)
            fields["expires_in_s"] = .integer(self.graceSeconds)
        }
        fields["persona"] = self.persona?.json
        return fields
    }
}

extension SessionNews {
    fileprivate var fields: [String: JSONValue] {
        // Whole seconds are what a meter shows.
        var fields: [String: JSONValue] = [
            "audio_in_s": .integer(self.audioInMs / 1_000), "audio_out_s": .integer(self.audioOutMs / 1_000),
        ]
        fields["resume_token"] = self.resumeToken.map { .string($0) }
        return fields
    }
}

extension AudioFormat {
    fileprivate var json: [String: JSONValue] {
        [
            "codec": .string(self.codec.rawValue), "rate": .integer(self.rate), "channels": .integer(self.channels),
        ]
    }
}

extension PersonaCard {
    fileprivate var json: JSONValue {
        [
            "id": .string(self.id), "kind": .string(self.kind), "name": .string(self.name),
            "voice": .string(self.voice), "language": .string(self.language),
        ]
    }
}

extension ReplyHeader {
    fileprivate var fields: [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "response_id": .string(self.responseID), "item_id": .string(self.itemID),
            "generation": .integer(self.generation), "codec": .string(self.audio.codec.rawValue),
            "rate": .integer(self.audio.rate), "kind": .string(self.kind.rawValue), "cached": .bool(self.isCached),
        ]
        fields["stream"] = self.stream.map { .integer(Int($0)) }
        if self.fromMs > 0 { fields["from_ms"] = .integer(self.fromMs) }
        return fields
    }
}

extension Transcript {
    fileprivate var fields: [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "role": .string(self.role.rawValue), "item_id": .string(self.itemID), "final": .bool(self.isFinal),
            self.isFinal ? "text" : "delta": .string(self.text),
        ]
        fields["previous_item_id"] = self.previousItemID.map { .string($0) }
        fields["language"] = self.language.map { .string($0) }
        return fields
    }
}
