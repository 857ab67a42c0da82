/// Writes RIFF/WAVE files of PCM16 mono: a header of 44 bytes, then the samples.
public enum WAV {
    /// The file of `samples`.
    public static func encode(_ samples: [Int16], sampleRate: Int = 24_000) -> [UInt8] {
        var file = Self.header(dataBytes: samples.count * 2, sampleRate: sampleRate)
        samples.withUnsafeBytes { native in
            guard Int16(1).littleEndian != 1 else { return file.append(contentsOf: native) }
            for sample in samples { file.append(contentsOf: Self.bytes(of: sample)) }
        }
        return file
    }

    /// The file of PCM16 LE bytes; half a sample at the end is left out.
    public static func encode(pcm: [UInt8], sampleRate: Int = 24_000) -> [UInt8] {
        let whole = pcm.count & ~1
        var file = Self.header(dataBytes: whole, sampleRate: sampleRate)
        file.append(contentsOf: pcm.prefix(whole))
        return file
    }

    /// The 44 bytes before the data; a length that 32 bits cannot hold is written as the largest, as streams do.
    static func header(dataBytes: Int, sampleRate: Int) -> [UInt8] {
        var header: [UInt8] = []
        header.reserveCapacity(44 + dataBytes)
        header += Array("RIFF".utf8) + Self.bytes(of: UInt32(clamping: dataBytes + 36)) + Array("WAVEfmt ".utf8)
        header += Self.bytes(of: UInt32(16)) + Self.bytes(of: UInt16(1)) + Self.bytes(of: UInt16(1))
        header += Self.bytes(of: UInt32(clamping: sampleRate)) + Self.bytes(of: UInt32(clamping: sampleRate * 2))
        header += Self.bytes(of: UInt16(2)) + Self.bytes(of: UInt16(16))
        header += Array("data".utf8) + Self.bytes(of: UInt32(clamping: dataBytes))
        return header
    }

    private static func bytes(of value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
