import JSON

/// Why a request is not spoken.
struct SpeechFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A request, checked.
struct SpeechCommand: Equatable {
    /// About ten minutes of speech.
    static let maxCharacters = 8_000

    var text: String
    /// A voice of espeak-ng, with a variant after `+`.
    var voice: String
    /// Words a minute.
    var rate: Int
    /// 0…100, 50 is the voice's own.
    var pitch: Int
    /// 0…100: 0 monotone, 50 normal.
    var range: Int

    init(parsing request: [UInt8]) throws {
        let request = try JSONValue(parsing: request)
        guard let text = request["text"]?.string else { throw SpeechFailure("request without a text") }
        guard text.unicodeScalars.count <= Self.maxCharacters else {
            throw SpeechFailure("text of \(text.unicodeScalars.count) characters exceeds \(Self.maxCharacters)")
        }
        self.text = Self.withoutCommands(text)
        self.voice = try Self.checked(voice: request["voice"]?.string ?? "en-us")
        self.rate = (request["rate"]?.integer ?? 175).clamped(to: 80...450)
        self.pitch = (request["pitch"]?.integer ?? 50).clamped(to: 0...100)
        self.range = (request["range"]?.integer ?? 50).clamped(to: 0...100)
    }

    /// espeak-ng takes Control-A for the beginning of a command even when markup is off, and NUL for the end.
    private static func withoutCommands(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    }

    /// The name becomes part of a path: nothing but names of voices may pass.
    private static func checked(voice: String) throws(SpeechFailure) -> String {
        let legal = voice.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard legal, (1...40).contains(voice.utf8.count) else { throw SpeechFailure("that is no name of a voice") }
        return voice
    }
}

extension Int {
    func clamped(to limits: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, limits.lowerBound), limits.upperBound)
    }
}
