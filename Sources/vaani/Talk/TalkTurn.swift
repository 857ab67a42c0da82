import JSON

/// What the person says: a recording or a typed sentence.
enum TalkTurn: Sendable, Equatable {
    case text(String)
    /// The bytes of a file, and its name's extension as a hint.
    case audio([UInt8], format: String?)

    var message: JSONValue {
        switch self {
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .audio(let bytes, let format):
            var message: [String: JSONValue] = [
                "type": "audio", "audio": .string(String(decoding: Base64.encode(bytes), as: UTF8.self)),
            ]
            if let format { message["format"] = .string(format) }
            return .object(message)
        }
    }
}

/// A line that the person typed.
enum TalkLine: Sendable, Equatable {
    case say(String)
    case switchTo(String)
    case sendFile(String)
    case saveTo(String)
    case help
    case quit
    case empty
    /// The word after the slash.
    case unknown(String)

    static let commands = ["/switch PERSONA", "/audio FILE", "/save FILE", "/help", "/quit"]

    init(_ text: String) {
        let line = text.trimming(while: \.isWhitespace)
        guard line.hasPrefix("/") else {
            self = line.isEmpty ? .empty : .say(String(line))
            return
        }
        let word = line.prefix { !$0.isWhitespace }
        let rest = String(line.dropFirst(word.count).trimming(while: \.isWhitespace))
        switch (word, rest.isEmpty) {
        case ("/quit", _), ("/q", _), ("/exit", _): self = .quit
        case ("/help", _), ("/?", _): self = .help
        case ("/switch", false): self = .switchTo(rest)
        case ("/audio", false): self = .sendFile(rest)
        case ("/save", false): self = .saveTo(rest)
        default: self = .unknown(String(word))
        }
    }
}
