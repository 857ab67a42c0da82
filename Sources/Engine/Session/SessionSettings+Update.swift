import JSON
import RealtimeProtocol

extension SessionSettings {
    /// The settings after a `session.update`: what it names replaces, objects merge down to `audio.input` and
    /// `audio.output`, and anything wrong in it leaves all as it was.
    func updated(by session: JSONValue, isVoiceLocked: Bool) throws(RealtimeError) -> SessionSettings {
        let fields = try Fields(session, "session")
        _ = try fields.requiredChoice("type", of: ["realtime"])
        try fields.allow(
            "type", "model", "instructions", "output_modalities", "audio", "tools", "tool_choice",
            "parallel_tool_calls",
            "max_output_tokens", "truncation", "tracing", "prompt", "include", "reasoning")
        // The model was chosen with the address; naming it again is common and changes nothing.
        _ = try fields.string("model")
        _ = try fields.bool("parallel_tool_calls")
        var next = self
        if let instructions = try fields.string("instructions") { next.instructions = instructions }
        if let modality = try fields.outputModality() { next.outputModality = modality }
        if let tools = try fields.tools() { next.tools = tools }
        if let choice = try fields.toolChoice() { next.toolChoice = choice }
        if let tokens = try fields.maxOutputTokens() { next.maxOutputTokens = tokens }
        if let audio = try fields.object("audio") { try next.update(audio: audio, isVoiceLocked: isVoiceLocked) }
        try next.updateKept(fields)
        return next
    }

    /// What is only kept and echoed.
    private mutating func updateKept(_ fields: Fields) throws(RealtimeError) {
        if let value = try fields.kept("truncation", words: ["auto", "disabled"]) { self.truncation = value }
        if let value = try fields.kept("tracing", words: ["auto"], isNullable: true) { self.tracing = value }
        if let value = try fields.kept("prompt", words: [], isNullable: true) { self.prompt = value }
        if fields.isNull("include") {
            self.include = .null
        } else if let include = try fields.array("include", maxCount: 16) {
            for value in include where value.string == nil {
                throw .invalidType("session.include", "an array of strings", value)
            }
            self.include = .array(include)
        }
        _ = try fields.kept("reasoning", words: [], isNullable: true)
    }

    private mutating func update(audio: Fields, isVoiceLocked: Bool) throws(RealtimeError) {
        try audio.allow("input", "output")
        if let input = try audio.object("input") { try self.update(input: input) }
        if let output = try audio.object("output") { try self.update(output: output, isVoiceLocked: isVoiceLocked) }
    }

    private mutating func update(input: Fields) throws(RealtimeError) {
        try input.allow("format", "noise_reduction", "transcription", "turn_detection")
        if let format = try input.audioFormat() { self.inputFormat = format }
        if let value = try input.kept("noise_reduction", words: [], isNullable: true) {
            try input.checkNoiseReduction()
            self.noiseReduction = value
        }
        if let value = try input.kept("transcription", words: [], isNullable: true) {
            try input.checkTranscription()
            self.transcription = value
        }
        if input.isNull("turn_detection") {
            self.turnDetection = nil
        } else if let detection = try input.object("turn_detection") {
            self.turnDetection = try TurnDetection(detection)
        }
    }

    private mutating func update(output: Fields, isVoiceLocked: Bool) throws(RealtimeError) {
        try output.allow("format", "voice", "speed")
        if let format = try output.audioFormat() { self.outputFormat = format }
        if let speed = try output.number("speed", in: 0.25...1.5) { self.speed = speed }
        guard let voice = try output.choice("voice", of: Voices.all) else { return }
        guard voice == self.voice || !isVoiceLocked else { throw .voiceLocked }
        self.voice = voice
    }
}

extension RealtimeError {
    static let voiceLocked = Self.refusal(
        "cannot_update_voice", "Cannot update a conversation's voice if assistant audio is present.",
        param: "session.audio.output.voice")
}

extension TurnDetection {
    init(_ fields: Fields) throws(RealtimeError) {
        switch try fields.requiredChoice("type", of: ["server_vad", "semantic_vad"]) {
        case "semantic_vad": self = .semantic(try Semantic(fields))
        default: self = .server(try Server(fields))
        }
    }
}

extension TurnDetection.Semantic {
    fileprivate init(_ fields: Fields) throws(RealtimeError) {
        try fields.allow("type", "eagerness", "create_response", "interrupt_response")
        self.init(
            eagerness: try fields.choice("eagerness", of: ["low", "medium", "high", "auto"]) ?? "auto",
            createsResponse: try fields.bool("create_response") ?? true,
            interruptsResponse: try fields.bool("interrupt_response") ?? true)
    }
}

extension TurnDetection.Server {
    fileprivate init(_ fields: Fields) throws(RealtimeError) {
        try fields.allow(
            "type", "threshold", "prefix_padding_ms", "silence_duration_ms", "idle_timeout_ms", "create_response",
            "interrupt_response")
        self.init(
            threshold: try fields.number("threshold", in: 0...1) ?? 0.5,
            prefixPaddingMs: try fields.integer("prefix_padding_ms", in: 0...5_000) ?? 300,
            silenceDurationMs: try fields.integer("silence_duration_ms", in: 0...10_000) ?? 500,
            idleTimeoutMs: fields.isNull("idle_timeout_ms")
                ? nil : try fields.integer("idle_timeout_ms", in: 5_000...30_000),
            createsResponse: try fields.bool("create_response") ?? true,
            interruptsResponse: try fields.bool("interrupt_response") ?? true)
    }
}

/// What `session.update` and `response.create` have in common.
extension Fields {
    func outputModality() throws(RealtimeError) -> String? {
        guard let modalities = try self.array("output_modalities", maxCount: 2) else { return nil }
        if modalities == ["audio"] { return "audio" }
        if modalities == ["text"] { return "text" }
        let path = self.path("output_modalities")
        throw .refusal(
            "invalid_value",
            "Invalid modalities: \(JSONValue.array(modalities).text.prefix(64)). Supported combinations are: ['text'] and "
                + "['audio'].", param: path)
    }

    /// Function tools; nil where none are named.
    func tools() throws(RealtimeError) -> [JSONValue]? {
        guard let tools = try self.array("tools", maxCount: 128) else { return nil }
        for (index, tool) in tools.enumerated() {
            let fields = try Fields(tool, "\(self.path("tools"))[\(index)]")
            _ = try fields.requiredChoice("type", of: ["function"])
            _ = try fields.requiredString("name", maxLength: 64)
            _ = try fields.nullableString("description")
            if !fields.isNull("parameters") { _ = try fields.object("parameters") }
        }
        return tools
    }

    func toolChoice() throws(RealtimeError) -> JSONValue? {
        guard let value = self["tool_choice"] else { return nil }
        if value.string != nil {
            return try self.choice("tool_choice", of: ["none", "auto", "required"]).map(JSONValue.string)
        }
        let fields = try Fields(value, self.path("tool_choice"))
        _ = try fields.requiredChoice("type", of: ["function"])
        _ = try fields.requiredString("name", maxLength: 64)
        return value
    }

    func maxOutputTokens() throws(RealtimeError) -> TokenLimit? {
        if self["max_output_tokens"]?.string == "inf" { return .infinite }
        return try self.integer("max_output_tokens", in: 1...4_096).map { .tokens($0) }
    }

    func audioFormat() throws(RealtimeError) -> AudioFormat? {
        guard let fields = try self.object("format") else { return nil }
        try fields.allow("type", "rate")
        let type = try fields.requiredChoice("type", of: AudioFormat.allCases.map(\.rawValue))
        let format = AudioFormat(rawValue: type) ?? .pcm
        if format == .pcm { _ = try fields.integer("rate", in: 24_000...24_000) }
        return format
    }

    func checkNoiseReduction() throws(RealtimeError) {
        guard !self.isNull("noise_reduction"), let fields = try self.object("noise_reduction") else { return }
        try fields.allow("type", "strength")
        _ = try fields.requiredChoice("type", of: ["near_field", "far_field"])
        _ = try fields.number("strength", in: 0...1)
    }

    /// Any model is taken: this engine's transcript is the same for all.
    func checkTranscription() throws(RealtimeError) {
        guard !self.isNull("transcription"), let fields = try self.object("transcription") else { return }
        try fields.allow("model", "language", "languages", "keywords", "prompt", "delay")
        _ = try fields.nullableString("model", maxLength: 128)
        _ = try fields.nullableString("language", maxLength: 16)
        _ = try fields.nullableString("prompt", maxLength: 1_024)
    }

    /// An object, one of some words, or `null` where that is allowed: a value that is kept as it is.
    func kept(_ key: String, words: [String], isNullable: Bool = false) throws(RealtimeError) -> JSONValue? {
        guard let value = self[key] else { return nil }
        if isNullable, value.isNull { return .null }
        if !words.isEmpty, value.string != nil { return try self.choice(key, of: words).map(JSONValue.string) }
        _ = try self.object(key)
        return value
    }
}
