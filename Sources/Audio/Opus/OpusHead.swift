/// What a container says about its Opus stream: `OpusHead` of Ogg and WebM (RFC 7845, section 5.1), `dOps` of MP4.
struct OpusHead: Equatable {
    /// Samples at 48 kHz that the decoder makes before the audio begins.
    var preSkip: Int
    /// 1/256 dB to apply to the output.
    var gain: Int16

    init(preSkip: Int = 0, gain: Int16 = 0) {
        self.preSkip = preSkip
        self.gain = gain
    }

    /// Reads an `OpusHead` packet, which is little-endian.
    init(_ packet: ArraySlice<UInt8>) throws(AudioError) {
        var reader = ByteReader(packet, of: "opus head")
        guard try reader.take(8).elementsEqual(Self.magic) else { throw .bad("opus head lacks its magic") }
        let version = try reader.byte()
        guard version < 16 else { throw .unsupported("opus head of version \(version); below 16 is taken") }
        let channels = try reader.byte()
        self.preSkip = Int(try reader.littleEndian(UInt16.self))
        try reader.skip(4)
        self.gain = Int16(bitPattern: try reader.littleEndian(UInt16.self))
        try Self.checkMapping(channels: channels, &reader)
    }

    /// Reads the body of a `dOps` box, which is big-endian and lacks the magic.
    init(dOps body: ArraySlice<UInt8>) throws(AudioError) {
        var reader = ByteReader(body, of: "mp4 box dOps")
        let version = try reader.byte()
        guard version == 0 else { throw .unsupported("mp4 box dOps of version \(version); 0 is taken") }
        let channels = try reader.byte()
        self.preSkip = Int(try reader.bigEndian(UInt16.self))
        try reader.skip(4)
        self.gain = Int16(bitPattern: try reader.bigEndian(UInt16.self))
        try Self.checkMapping(channels: channels, &reader)
    }

    static let magic = Array("OpusHead".utf8)

    /// A packet of several streams would need the multistream decoder, and no microphone makes one.
    private static func checkMapping(channels: UInt8, _ reader: inout ByteReader) throws(AudioError) {
        let family = try reader.byte()
        let streams = family == 0 ? 1 : try reader.byte()
        guard 1...2 ~= channels, streams == 1 else {
            throw .unsupported("opus of \(channels) channels in \(streams) streams; 1 or 2 in one stream are taken")
        }
    }
}
