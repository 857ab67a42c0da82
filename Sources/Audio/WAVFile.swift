/// Reads RIFF/WAVE: PCM of 8 to 32 bits, float, and G.711, also as streaming writers leave it.
struct WAVFile {
    private enum Encoding { case unsigned8, signed16, signed24, signed32, float32, muLaw, aLaw }

    private let encoding: Encoding
    private let sampleRate: Int
    private let channels: Int
    private let data: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) throws(AudioError) {
        var reader = ByteReader(bytes[...], of: "wav file")
        try reader.skip(4)
        let riffSize = Int(try reader.littleEndian(UInt32.self))
        try reader.skip(4)
        // A writer that cannot seek leaves the sizes at zero or all ones.
        let isUnfinished = riffSize == 0 || riffSize == 0xFFFF_FFFF || riffSize + 8 < bytes.count
        var format: Format?
        while reader.remaining >= 8 {
            let id = try reader.take(4)
            let size = Int(try reader.littleEndian(UInt32.self))
            if id.elementsEqual("data".utf8) {
                guard let format else { throw .bad("wav data comes before the fmt chunk") }
                let isOpen = size == 0 && isUnfinished
                let data = isOpen ? reader.rest : reader.rest.prefix(size)
                self = try WAVFile(format, data: data)
                return
            }
            if id.elementsEqual("fmt ".utf8) { format = try Format(reader.take(size)) } else { try reader.skip(size) }
            if !size.isMultiple(of: 2), !reader.isAtEnd { try reader.skip(1) }
        }
        throw .bad("wav file of \(bytes.count) bytes has no data chunk")
    }

    private init(_ format: Format, data: ArraySlice<UInt8>) throws(AudioError) {
        self.encoding = try Self.encoding(of: format)
        guard 1...8 ~= format.channels else {
            throw .unsupported("wav with \(format.channels) channels; 1 to 8 are taken")
        }
        guard 4_000...192_000 ~= format.sampleRate else {
            throw .unsupported("wav at \(format.sampleRate) Hz; 4000 to 192000 Hz are taken")
        }
        let frameBytes = format.channels * format.bits / 8
        guard format.blockAlign == frameBytes else {
            throw .bad("wav blocks of \(format.blockAlign) bytes where \(format.channels) samples are \(frameBytes)")
        }
        self.sampleRate = format.sampleRate
        self.channels = format.channels
        self.data = data.prefix(data.count / frameBytes * frameBytes)
    }

    /// Decodes all of it, when it is no longer than the limits allow.
    func decode(limits: AudioLimits) throws(AudioError) -> PCMBuffer {
        let frames = self.data.count / (self.channels * self.sampleBytes)
        try limits.check(frames: frames, sampleRate: self.sampleRate)
        return PCMBuffer(samples: self.samples(), sampleRate: self.sampleRate, channels: self.channels)
    }

    private var sampleBytes: Int {
        switch self.encoding {
        case .unsigned8, .muLaw, .aLaw: 1
        case .signed16: 2
        case .signed24: 3
        case .signed32, .float32: 4
        }
    }

    private func samples() -> [Int16] {
        switch self.encoding {
        case .muLaw: return G711.look(up: self.data, in: G711.muLaw)
        case .aLaw: return G711.look(up: self.data, in: G711.aLaw)
        case .unsigned8: return self.data.map { Int16(bitPattern: UInt16($0 ^ 0x80) << 8) }
        case .signed16, .signed24, .signed32: return self.highBytes()
        case .float32: return self.floats()
        }
    }

    /// The two most significant bytes of each little-endian sample.
    private func highBytes() -> [Int16] {
        let step = self.sampleBytes
        return self.data.withUnsafeBytes { bytes in
            (0..<(bytes.count / step)).map { index in
                let raw = bytes.loadUnaligned(fromByteOffset: index * step + step - 2, as: UInt16.self)
                return Int16(bitPattern: UInt16(littleEndian: raw))
            }
        }
    }

    /// Float samples are -1 to 1; what lies outside clips, and what is no number is silence.
    private func floats() -> [Int16] {
        self.data.withUnsafeBytes { bytes in
            (0..<(bytes.count / 4)).map { index in
                let raw = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                let value = Float(bitPattern: UInt32(littleEndian: raw)) * 32_768
                return value.isNaN ? 0 : Int16(max(-32_768, min(32_767, value.rounded())))
            }
        }
    }

    private static func encoding(of format: Format) throws(AudioError) -> Encoding {
        switch (format.tag, format.bits) {
        case (1, 8): .unsigned8
        case (1, 16): .signed16
        case (1, 24): .signed24
        case (1, 32): .signed32
        case (3, 32): .float32
        case (6, 8): .aLaw
        case (7, 8): .muLaw
        default:
            throw .unsupported("wav codec \(format.tag) with \(format.bits) bits; pcm, float and g.711 are taken")
        }
    }

    /// The `fmt ` chunk.
    private struct Format {
        var tag: Int, channels: Int, sampleRate: Int, blockAlign: Int, bits: Int

        init(_ chunk: ArraySlice<UInt8>) throws(AudioError) {
            var reader = ByteReader(chunk, of: "wav fmt chunk")
            self.tag = Int(try reader.littleEndian(UInt16.self))
            self.channels = Int(try reader.littleEndian(UInt16.self))
            self.sampleRate = Int(try reader.littleEndian(UInt32.self))
            try reader.skip(4)
            self.blockAlign = Int(try reader.littleEndian(UInt16.self))
            self.bits = Int(try reader.littleEndian(UInt16.self))
            guard self.tag == 0xFFFE else { return }
            // WAVE_FORMAT_EXTENSIBLE: the first two bytes of the sub-format's GUID are the real tag.
            try reader.skip(8)
            self.tag = Int(try reader.littleEndian(UInt16.self))
            guard try reader.take(14).elementsEqual(Self.guidTail) else {
                throw .unsupported("wav sub-format is none of pcm, float and g.711")
            }
        }

        private static let guidTail: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
    }
}
