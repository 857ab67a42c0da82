import Transport

/// What no server should send.
enum Garbage: String, CaseIterable {
    case badJSON = "bad_json"
    case notAnObject = "not_an_object"
    case noType = "no_type"
    case emptyText = "empty_text"
    case deepJSON = "deep_json"
    case binary
    case invalidUTF8 = "invalid_utf8"
    /// A frame that announces 64 MiB.
    case hugeFrame = "huge_frame"
    /// A frame of which a part never comes.
    case cutFrame = "cut_frame"
    case maskedFrame = "masked_frame"
    case reservedBit = "reserved_bit"
    case badOpcode = "bad_opcode"
    case strayContinuation = "stray_continuation"
    case badCloseCode = "bad_close_code"

    static func action(_ name: String, _ line: Int) throws(FaultScriptError) -> ScriptStep.Action {
        guard let garbage = Self(rawValue: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw FaultScriptError(line: line, "garbage \"\(name.prefix(64))\" is none of \(known)")
        }
        return garbage.text.map { .text(Array($0.utf8)) } ?? .fault(.bytes(garbage.frame))
    }

    /// Two hexadecimal digits a byte, blanks between them or not.
    static func bytes(_ text: String, _ line: Int) throws(FaultScriptError) -> [UInt8] {
        let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
        guard digits.count == text.filter({ !$0.isWhitespace }).count, digits.count.isMultiple(of: 2) else {
            throw FaultScriptError(line: line, "raw is not hexadecimal, two digits a byte, in quotation marks")
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private var text: String? {
        switch self {
        case .badJSON: #"{"type": "response.created", "respon"#
        case .notAnObject: #"["response.created"]"#
        case .noType: #"{"response": {}}"#
        case .emptyText: ""
        case .deepJSON: String(repeating: "[", count: 20_000)
        default: nil
        }
    }

    /// Frames as in RFC 6455 section 5.2.
    private var frame: [UInt8] {
        switch self {
        case .binary: [0x82, 0x04, 0x00, 0xFF, 0x10, 0x80]
        case .invalidUTF8: [0x81, 0x02, 0xC3, 0x28]
        case .hugeFrame: [0x81, 0x7F, 0, 0, 0, 0, 0x04, 0, 0, 0, 0x7B]
        case .cutFrame: [0x81, 0x7D, 0x7B, 0x22]
        case .maskedFrame: [0x81, 0x82, 1, 2, 3, 4, 0x7A, 0x7F]
        case .reservedBit: [0xC1, 0x02, 0x7B, 0x7D]
        case .badOpcode: [0x83, 0x00]
        case .strayContinuation: [0x80, 0x02, 0x7B, 0x7D]
        case .badCloseCode: [0x88, 0x02, 0x03, 0xED]
        default: []
        }
    }
}
