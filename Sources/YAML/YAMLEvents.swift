import CYAML

/// The events of one text, as libyaml finds them. Lives as long as the call that lends it.
struct YAMLEvents {
    enum Event: Equatable {
        case streamStart, streamEnd, documentStart, documentEnd
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case scalar(String, isPlain: Bool)
    }

    private let yaml: UnsafeMutablePointer<vaani_yaml>
    /// Where the latest event begins, from 1.
    private(set) var line = 1

    static func reading<Result>(
        _ text: [UInt8], _ body: (YAMLEvents) throws(YAMLError) -> Result
    ) throws(YAMLError) -> Result {
        let yaml = UnsafeMutablePointer<vaani_yaml>.allocate(capacity: 1)
        yaml.initialize(to: vaani_yaml())
        defer { yaml.deallocate() }
        guard yaml_parser_initialize(&yaml.pointee.parser) == 1 else { throw YAMLError(line: 1, "out of memory") }
        defer {
            yaml_event_delete(&yaml.pointee.event)
            yaml_parser_delete(&yaml.pointee.parser)
        }
        yaml_parser_set_encoding(&yaml.pointee.parser, YAML_UTF8_ENCODING)
        // libyaml keeps the pointer until the parser is deleted: a copy that stays where it is outlives it.
        let input = UnsafeMutablePointer<UInt8>.allocate(capacity: text.count + 1)
        defer { input.deallocate() }
        input.initialize(from: text + [0], count: text.count + 1)
        yaml_parser_set_input_string(&yaml.pointee.parser, input, text.count)
        return try body(YAMLEvents(yaml: yaml))
    }

    private init(yaml: UnsafeMutablePointer<vaani_yaml>) {
        self.yaml = yaml
    }

    mutating func next() throws(YAMLError) -> Event {
        yaml_event_delete(&self.yaml.pointee.event)
        guard yaml_parser_parse(&self.yaml.pointee.parser, &self.yaml.pointee.event) == 1 else { throw self.problem }
        self.line = self.yaml.pointee.event.start_mark.line + 1
        guard vaani_yaml_anchor(self.yaml) == nil else {
            throw YAMLError(line: self.line, "anchors and aliases are not taken: write the value out")
        }
        guard vaani_yaml_tag(self.yaml) == nil else { throw YAMLError(line: self.line, "tags are not taken") }
        return try self.event()
    }

    private func event() throws(YAMLError) -> Event {
        switch self.yaml.pointee.event.type {
        case YAML_STREAM_START_EVENT: .streamStart
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: .streamEnd
        case YAML_DOCUMENT_START_EVENT: .documentStart
        case YAML_DOCUMENT_END_EVENT: .documentEnd
        case YAML_SEQUENCE_START_EVENT: .sequenceStart
        case YAML_SEQUENCE_END_EVENT: .sequenceEnd
        case YAML_MAPPING_START_EVENT: .mappingStart
        case YAML_MAPPING_END_EVENT: .mappingEnd
        case YAML_SCALAR_EVENT: .scalar(self.scalar, isPlain: vaani_yaml_is_plain(self.yaml) == 1)
        default: throw YAMLError(line: self.line, "not understood")
        }
    }

    private var scalar: String {
        var length = 0
        let bytes = vaani_yaml_scalar(self.yaml, &length)
        return String(decoding: UnsafeBufferPointer(start: bytes, count: length), as: UTF8.self)
    }

    private var problem: YAMLError {
        let parser = self.yaml.pointee.parser
        let text = parser.problem.map { String(cString: $0) } ?? "not well-formed"
        let line = max(parser.problem_mark.line, parser.context_mark.line) + 1
        return YAMLError(line: line, text)
    }
}
