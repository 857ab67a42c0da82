import JSON
import RealtimeProtocol

extension ResponseOptions {
    init(_ fields: Fields) throws(RealtimeError) {
        try fields.allow(
            "instructions", "conversation", "input", "output_modalities", "audio", "tools", "tool_choice",
            "parallel_tool_calls", "max_output_tokens", "metadata", "prompt", "reasoning")
        self.instructions = try fields.nullableString("instructions")
        self.inConversation = try fields.choice("conversation", of: ["auto", "none"]) != "none"
        if !fields.isNull("input") { self.input = try Self.input(fields) }
        self.outputModality = try fields.outputModality()
        self.tools = try fields.tools()
        self.toolChoice = try fields.toolChoice()
        self.maxOutputTokens = try fields.maxOutputTokens()
        self.metadata = try Self.metadata(fields)
        _ = try fields.bool("parallel_tool_calls")
        guard let output = try fields.object("audio")?.object("output") else { return }
        try output.allow("format", "voice")
        self.voice = try output.choice("voice", of: Voices.all)
        self.format = try output.audioFormat()
    }

    private static func input(_ fields: Fields) throws(RealtimeError) -> [Context]? {
        guard let values = try fields.array("input", maxCount: 1_000) else { return nil }
        var input: [Context] = []
        for (index, value) in values.enumerated() {
            input.append(try Self.context(value, "\(fields.path("input"))[\(index)]"))
        }
        return input
    }

    private static func context(_ value: JSONValue, _ path: String) throws(RealtimeError) -> Context {
        if value["type"]?.string == "item_reference" {
            return .reference(try Fields(value, path).requiredString("id"))
        }
        guard case .item(let body) = try ClientEvent.NewItem(value, path).body else {
            throw .invalidValue(
                "\(path).type", "force_message", of: ["item_reference"] + ClientEvent.NewItem.types.dropLast())
        }
        return .item(body)
    }

    private static func metadata(_ fields: Fields) throws(RealtimeError) -> JSONValue {
        guard let metadata = fields["metadata"], !metadata.isNull else { return .null }
        let path = fields.path("metadata")
        let pairs = metadata.object ?? [:]
        guard metadata.object != nil else { throw .invalidType(path, "an object", metadata) }
        guard pairs.count <= 16 else { throw .tooMany(path, limit: 16, actual: pairs.count) }
        for (key, value) in pairs {
            guard key.unicodeScalars.count <= 64 else {
                throw .tooLong(path, limit: 64, actual: key.unicodeScalars.count)
            }
            _ = try Fields(metadata, path).string(key, maxLength: 512)
            if value.isNull { throw .invalidType("\(path).\(key)", "a string", value) }
        }
        return metadata
    }
}
