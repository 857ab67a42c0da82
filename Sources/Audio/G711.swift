/// The two companded codecs of telephony (ITU-T G.711), one byte for each sample of 8 kHz.
public enum G711 {
    /// Decodes µ-law (PCMU).
    public static func decodeMuLaw(_ bytes: [UInt8]) -> [Int16] { Self.look(up: bytes[...], in: Self.muLaw) }

    /// Decodes A-law (PCMA).
    public static func decodeALaw(_ bytes: [UInt8]) -> [Int16] { Self.look(up: bytes[...], in: Self.aLaw) }

    /// Encodes to µ-law (PCMU).
    public static func encodeMuLaw(_ samples: [Int16]) -> [UInt8] { samples.map(Self.muLawByte) }

    /// Encodes to A-law (PCMA).
    public static func encodeALaw(_ samples: [Int16]) -> [UInt8] { samples.map(Self.aLawByte) }

    static func look(up bytes: ArraySlice<UInt8>, in table: [Int16]) -> [Int16] {
        table.withUnsafeBufferPointer { table in bytes.map { table[Int($0)] } }
    }

    static let muLaw: [Int16] = (0...255).map { byte in
        let bits = ~UInt8(byte)
        let magnitude = (Int16(bits & 0xF) << 3 + 132) << Int16(bits >> 4 & 7) - 132
        return bits & 0x80 == 0 ? magnitude : -magnitude
    }

    static let aLaw: [Int16] = (0...255).map { byte in
        let bits = UInt8(byte) ^ 0x55
        let (mantissa, exponent) = (Int16(bits & 0xF), Int16(bits >> 4 & 7))
        let magnitude = exponent == 0 ? mantissa << 4 + 8 : (mantissa << 4 + 264) << (exponent - 1)
        return bits & 0x80 == 0 ? -magnitude : magnitude
    }

    /// The bias of 132 makes every segment begin at a power of two; 32,635 is the largest magnitude below the top one.
    private static func muLawByte(_ sample: Int16) -> UInt8 {
        let magnitude = min(abs(Int32(sample)), 32_635) + 132
        let exponent = 24 - Int32(magnitude.leadingZeroBitCount)
        let mantissa = magnitude >> (exponent + 3) & 0xF
        let sign: Int32 = sample < 0 ? 0x80 : 0
        return ~UInt8(truncatingIfNeeded: sign | exponent << 4 | mantissa)
    }

    /// A-law has no bias and one's complement for negative values.
    private static func aLawByte(_ sample: Int16) -> UInt8 {
        let magnitude = Int32(sample < 0 ? ~sample : sample) >> 4
        let exponent = max(0, 28 - Int32(magnitude.leadingZeroBitCount))
        let mantissa = (exponent == 0 ? magnitude : magnitude >> (exponent - 1)) & 0xF
        let sign: Int32 = sample < 0 ? 0 : 0x80
        return UInt8(truncatingIfNeeded: sign | exponent << 4 | mantissa) ^ 0x55
    }
}
