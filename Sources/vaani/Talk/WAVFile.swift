/// Reads back the WAV that the gateway sends: a 44-byte header and PCM16 mono.
enum WAVFile {
    static let headerBytes = 44

    /// The samples; empty for anything shorter than a header.
    static func samples(_ wav: [UInt8]) -> [Int16] {
        let body = wav.dropFirst(self.headerBytes)
        return stride(from: body.startIndex, to: body.endIndex - 1, by: 2).map {
            Int16(bitPattern: UInt16(body[$0]) | UInt16(body[$0 + 1]) << 8)
        }
    }

    /// Seconds at 24 kHz.
    static func seconds(_ wav: [UInt8]) -> Double {
        Double(max(0, wav.count - self.headerBytes)) / 48_000
    }
}
