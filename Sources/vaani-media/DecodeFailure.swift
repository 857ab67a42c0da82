/// Why a file is not decoded, or not to its end.
struct DecodeFailure: Error, Equatable, CustomStringConvertible {
    enum Code: String {
        /// The bytes are not what they are said to be, are damaged, or hold no sound.
        case badAudio = "bad_audio"
        /// Sound, but of a kind that is not taken.
        case unsupportedFormat = "unsupported_format"
        /// More sound than the request allows.
        case tooLarge = "too_large"
    }

    let code: Code
    /// One sentence that the sender of the file may read.
    let sentence: String

    static func bad(_ sentence: String) -> DecodeFailure { DecodeFailure(code: .badAudio, sentence: sentence) }

    static func unsupported(_ sentence: String) -> DecodeFailure {
        DecodeFailure(code: .unsupportedFormat, sentence: sentence)
    }

    static func tooLarge(_ sentence: String) -> DecodeFailure { DecodeFailure(code: .tooLarge, sentence: sentence) }

    var description: String { "\(self.code.rawValue): \(self.sentence)" }
}
