/// The header of an EBML element (RFC 8794): an ID, its marker bits included, and a size.
struct EBMLHeader: Equatable {
    var id: UInt32
    /// Bytes of the body; nil when the writer left it open.
    var size: Int?
    /// Bytes of the header itself.
    var length: Int

    /// Reads a header where `bytes` begin; nil when more bytes are needed.
    static func read(_ bytes: ArraySlice<UInt8>) throws(AudioError) -> EBMLHeader? {
        guard let first = bytes.first else { return nil }
        let idLength = first.leadingZeroBitCount + 1
        guard idLength <= 4 else {
            throw .bad("webm element id begins with 0x\(String(first, radix: 16)), which none does")
        }
        let id = bytes.prefix(idLength).reduce(0) { $0 << 8 | UInt32($1) }
        guard bytes.count > idLength, let size = try EBMLSize.read(bytes.dropFirst(idLength)) else { return nil }
        return EBMLHeader(id: id, size: size.value, length: idLength + size.length)
    }
}

/// A number of variable length: as many zero bits as bytes follow the first, a one, then the value.
struct EBMLSize: Equatable {
    /// Nil when all bits of the value are set, which means unknown.
    var value: Int?
    var length: Int

    /// Reads a number where `bytes` begin; nil when more bytes are needed.
    static func read(_ bytes: ArraySlice<UInt8>) throws(AudioError) -> EBMLSize? {
        guard let first = bytes.first else { return nil }
        let length = first.leadingZeroBitCount + 1
        guard length <= 8 else { throw .bad("webm size begins with a zero byte, which none does") }
        guard bytes.count >= length else { return nil }
        let bits = bytes.prefix(length).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let mask = UInt64(1) << UInt64(7 * length) - 1
        return EBMLSize(value: bits & mask == mask ? nil : Int(bits & mask), length: length)
    }
}

/// Reads the children of an element that is complete.
struct EBMLReader {
    private var rest: ArraySlice<UInt8>

    init(_ body: ArraySlice<UInt8>) { self.rest = body }

    /// The next child's ID and body; nil at the end.
    mutating func next() throws(AudioError) -> (id: UInt32, body: ArraySlice<UInt8>)? {
        guard !self.rest.isEmpty else { return nil }
        guard let header = try EBMLHeader.read(self.rest), let size = header.size,
            size <= self.rest.count - header.length
        else { throw .bad("webm element goes past the end of the one that holds it") }
        let body = self.rest.dropFirst(header.length).prefix(size)
        self.rest = self.rest.dropFirst(header.length + size)
        return (header.id, body)
    }

    /// The value of an unsigned or signed integer element of up to eight bytes.
    static func unsigned(_ body: ArraySlice<UInt8>) throws(AudioError) -> UInt64 {
        guard body.count <= 8 else { throw .bad("webm number of \(body.count) bytes; at most 8 are legal") }
        return body.reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func signed(_ body: ArraySlice<UInt8>) throws(AudioError) -> Int64 {
        let shift = UInt64(64 - 8 * min(8, body.count))
        let bits = try self.unsigned(body)
        return shift == 64 ? 0 : Int64(bitPattern: bits << shift) >> Int64(shift)
    }
}
