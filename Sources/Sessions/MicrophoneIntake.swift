import Audio
import ClientProtocol

/// Live microphone audio on its way to the model's format.
struct MicrophoneIntake: ~Copyable {
    /// Whether what is heard goes to the model.
    var isOpen = false
    /// Made for the first piece of a client that announced nothing.
    private var decoder: StreamDecoder?
    private var converted: [Int16] = []
    /// Of the next binary frame, once there was one.
    private var expectedSequence: UInt32?

    init() {}

    mutating func configure(_ format: AudioFormat) throws(AudioError) {
        self.decoder = try StreamDecoder(Self.format(format))
    }

    /// Takes note of the header of a binary frame; true where frames before it are missing.
    mutating func arrived(_ header: BinaryFrameHeader) throws(AudioError) -> Bool {
        if header.flags.contains(.discontinuity) { try self.decoder?.reset() }
        let isGap = self.expectedSequence.map { header.sequence &- $0 }.map { 1..<(1 << 31) ~= $0 } ?? false
        self.expectedSequence = header.sequence &+ 1
        return isGap
    }

    /// Converts a piece and lends the result: PCM16 24 kHz mono in native byte order.
    mutating func convert(
        _ audio: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(AudioError) {
        try self.begin()
        // What is already as the model takes it goes through as it is.
        if self.decoder?.isTransparent == true, audio.count.isMultiple(of: 2) { return body(audio) }
        self.converted.removeAll(keepingCapacity: self.converted.capacity <= 24_000)
        try self.decoder?.decode(audio, into: &self.converted)
        if !self.converted.isEmpty { self.converted.withUnsafeBytes { body($0) } }
    }

    /// Takes a piece that nobody is there to hear, so that the next one still makes sense.
    mutating func skip(_ audio: UnsafeRawBufferPointer) throws(AudioError) {
        try self.begin()
        try self.decoder?.skip(audio)
    }

    private mutating func begin() throws(AudioError) {
        if self.decoder == nil { try self.configure(.plain) }
    }

    private static func format(_ format: AudioFormat) -> StreamDecoder.Format {
        switch format.codec {
        case .pcm16: .pcm16(rate: format.rate, channels: format.channels)
        case .opus: .opus
        case .mulaw: .mulaw
        case .alaw: .alaw
        case .webmOpus: .webmOpus
        }
    }
}
