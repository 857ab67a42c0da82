/// Why audio could not be taken, decoded or converted.
public struct AudioError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A word that code may compare; the first three are also the words of the client protocol.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// The bytes are not what they seem to be, or hold no audio.
        public static let badAudio = Code(rawValue: "bad_audio")
        /// The container, codec, rate or channel layout is none that is taken.
        public static let unsupportedFormat = Code(rawValue: "unsupported_format")
        /// More encoded bytes, decoded seconds or decoded bytes for each encoded one than a limit allows.
        public static let tooLarge = Code(rawValue: "too_large")
        /// The same word as ``tooLarge``: clients need not tell seconds from bytes.
        public static let tooLong = Code.tooLarge
        /// A library refused what is always legal, such as memory for a decoder.
        public static let internalFailure = Code(rawValue: "internal")
        /// soxr gave an error; the resampler is unusable from then on.
        public static let resampler = Code(rawValue: "resampler")
    }

    public var code: Code
    /// One lower case sentence for a person: the thing, its value, the limit. Holds no audio.
    public var message: String
    /// Whether the same bytes may decode later.
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }

    static func bad(_ message: String) -> AudioError { AudioError(.badAudio, message) }
    static func unsupported(_ message: String) -> AudioError { AudioError(.unsupportedFormat, message) }
}
