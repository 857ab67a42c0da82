/// Reads a range of bytes forwards; every read is checked, and one past the end throws.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    /// What is read, for the sentence of an error: `wav chunk`, `mp4 box stsz`.
    private let name: String
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>, of name: String) {
        self.bytes = bytes
        self.name = name
        self.position = bytes.startIndex
    }

    var remaining: Int { self.bytes.endIndex - self.position }
    var isAtEnd: Bool { self.remaining == 0 }
    /// Bytes read so far.
    var offset: Int { self.position - self.bytes.startIndex }
    var rest: ArraySlice<UInt8> { self.bytes[self.position...] }

    mutating func take(_ count: Int) throws(AudioError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= self.remaining else {
            throw .bad("\(self.name) needs \(count) bytes where \(self.remaining) are left")
        }
        defer { self.position += count }
        return self.bytes[self.position..<(self.position + count)]
    }

    mutating func skip(_ count: Int) throws(AudioError) { _ = try self.take(count) }

    mutating func byte() throws(AudioError) -> UInt8 {
        guard self.position < self.bytes.endIndex else { throw .bad("\(self.name) ends too early") }
        defer { self.position += 1 }
        return self.bytes[self.position]
    }

    mutating func bigEndian<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) throws(AudioError) -> T {
        try self.take(T.bitWidth / 8).reduce(0) { $0 << 8 | T($1) }
    }

    mutating func littleEndian<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) throws(AudioError) -> T {
        try self.take(T.bitWidth / 8).reversed().reduce(0) { $0 << 8 | T($1) }
    }
}
