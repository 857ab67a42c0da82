import JSON

/// How audio is coded on the wire.
enum AudioFormat: String, Sendable, Equatable, CaseIterable {
    /// PCM16 LE at 24 kHz, mono.
    case pcm = "audio/pcm"

    var json: JSONValue { ["type": .string(self.rawValue), "rate": 24_000] }

    /// Bytes of a millisecond on the wire.
    var bytesPerMs: Int { 48 }

    /// The samples of an even number of bytes, at 24 kHz.
    func samples(_ bytes: [UInt8]) -> [Int16] {
        bytes.withUnsafeBytes { bytes in
            [Int16](unsafeUninitializedCapacity: bytes.count / 2) { buffer, count in
                count = bytes.count / 2
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 2)]))
            }
        }
    }

    /// The bytes of samples at 24 kHz.
    func bytes(_ samples: [Int16]) -> [UInt8] {
        samples.withUnsafeBytes { Array($0) }
    }
}
