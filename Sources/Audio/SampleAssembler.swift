/// Makes samples of PCM16 LE bytes that come in pieces of any length, an odd one included.
public struct SampleAssembler: Sendable {
    private var carried: UInt8?

    public init() {}

    /// Whether no half sample waits for its second byte.
    public var isAligned: Bool { self.carried == nil }

    /// The samples that are complete with `bytes`; an odd last byte waits for the next piece.
    public mutating func push(_ bytes: UnsafeRawBufferPointer) -> [Int16] {
        guard let first = bytes.first else { return [] }
        let carried = self.carried
        let start = carried == nil ? 0 : 1
        let body = (bytes.count - start) / 2
        self.carried = (bytes.count - start).isMultiple(of: 2) ? nil : bytes.last
        return [Int16](unsafeUninitializedCapacity: body + start) { samples, count in
            if let carried {
                samples.initializeElement(at: 0, to: Int16(bitPattern: UInt16(first) << 8 | UInt16(carried)))
            }
            for index in 0..<body {
                let raw = bytes.loadUnaligned(fromByteOffset: start + 2 * index, as: UInt16.self)
                samples.initializeElement(at: start + index, to: Int16(bitPattern: UInt16(littleEndian: raw)))
            }
            count = body + start
        }
    }

    /// The same, from an array.
    public mutating func push(_ bytes: [UInt8]) -> [Int16] {
        bytes.withUnsafeBytes { self.push($0) }
    }

    /// The same, from a slice.
    public mutating func push(_ bytes: ArraySlice<UInt8>) -> [Int16] {
        bytes.withUnsafeBytes { self.push($0) }
    }
}
