/// The header of a binary frame: 16 bytes in network byte order, before the payload.
///
/// `u8 type | u8 flags | u16 stream | u32 seq | u32 media_ts | u32 generation`. What this version does not know of a
/// frame, its type or its flags, is kept as it is.
public struct BinaryFrameHeader: Sendable, Equatable {
    public static let byteCount = 16
    /// The only type that has a meaning; frames of others are ignored.
    public static let audio: UInt8 = 1
    /// The stream of the microphone.
    public static let microphone: UInt16 = 0

    public struct Flags: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The first frame of a response.
        public static let first = Flags(rawValue: 1)
        /// The last frame of a response; its payload may be empty.
        public static let last = Flags(rawValue: 2)
        /// The codec began anew: what came before is not continued.
        public static let discontinuity = Flags(rawValue: 4)
        public static let cached = Flags(rawValue: 8)
        public static let replayed = Flags(rawValue: 16)
    }

    public var type: UInt8
    public var flags: Flags
    /// 0 is the microphone; others are announced by `audio_start`.
    public var stream: UInt16
    /// Rises by one with each frame of a direction, and wraps.
    public var sequence: UInt32
    /// Of the payload's first sample, in samples at the stream's rate.
    public var mediaTimestamp: UInt32
    public var generation: UInt32

    public init(
        type: UInt8 = BinaryFrameHeader.audio, flags: Flags = [], stream: UInt16, sequence: UInt32,
        mediaTimestamp: UInt32, generation: UInt32
    ) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.sequence = sequence
        self.mediaTimestamp = mediaTimestamp
        self.generation = generation
    }

    /// Reads the header of a frame; nil where the frame is shorter than one.
    public init?(decoding frame: UnsafeRawBufferPointer) {
        guard frame.count >= Self.byteCount else { return nil }
        func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
            Number(bigEndian: frame.loadUnaligned(fromByteOffset: offset, as: type))
        }
        self.init(
            type: frame[0], flags: Flags(rawValue: frame[1]), stream: number(2, UInt16.self),
            sequence: number(4, UInt32.self), mediaTimestamp: number(8, UInt32.self),
            generation: number(12, UInt32.self))
    }

    /// A whole frame.
    public func encoded(_ payload: some Collection<UInt8>) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(Self.byteCount + payload.count)
        frame.append(self.type)
        frame.append(self.flags.rawValue)
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.bigEndian) { frame.append(contentsOf: $0) }
        }
        append(self.stream)
        append(self.sequence)
        append(self.mediaTimestamp)
        append(self.generation)
        frame.append(contentsOf: payload)
        return frame
    }
}
