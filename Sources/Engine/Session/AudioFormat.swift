import Audio
import JSON

/// How audio is coded on the wire.
enum AudioFormat: String, Sendable, Equatable, CaseIterable {
    /// PCM16 LE at 24 kHz, mono.
    case pcm = "audio/pcm"
    /// G.711 µ-law at 8 kHz, mono.
    case pcmu = "audio/pcmu"
    /// G.711 A-law at 8 kHz, mono.
    case pcma = "audio/pcma"

    var json: JSONValue {
        self == .pcm ? ["type": .string(self.rawValue), "rate": 24_000] : ["type": .string(self.rawValue)]
    }

    /// Bytes of a millisecond on the wire.
    var bytesPerMs: Int { self == .pcm ? 48 : 8 }

    /// The samples of whole bytes of input, at 24 kHz.
    func samples(_ bytes: [UInt8]) -> [Int16] {
        switch self {
        case .pcm: Self.samples(littleEndian: bytes)
        case .pcmu: Self.tripled(G711.decodeMuLaw(bytes))
        case .pcma: Self.tripled(G711.decodeALaw(bytes))
        }
    }

    private static func samples(littleEndian bytes: [UInt8]) -> [Int16] {
        bytes.withUnsafeBytes { bytes in
            [Int16](unsafeUninitializedCapacity: bytes.count / 2) { buffer, count in
                count = bytes.count / 2
                UnsafeMutableRawBufferPointer(buffer).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 2)]))
            }
        }
    }

    /// From 8 to 24 kHz with no filter: only the detector hears it, and a level is a level with its images too.
    private static func tripled(_ samples: [Int16]) -> [Int16] {
        samples.flatMap { [$0, $0, $0] }
    }
}
