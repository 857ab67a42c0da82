/// Why a document is not read.
struct ReadFailure: Error, Equatable, CustomStringConvertible {
    enum Code: String {
        /// It opens with a password alone.
        case encrypted
        /// The bytes are not what their beginning says, are cut off, or break the rules of their format.
        case damaged
        /// More text, or more of anything on the way to it, than a request allows.
        case tooLong = "too_long"
        /// Another kind of document.
        case unsupported
    }

    let code: Code
    /// One sentence that the sender of the document may read.
    let sentence: String

    init(_ code: Code, _ sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    var description: String { "\(self.code.rawValue): \(self.sentence)" }
}
