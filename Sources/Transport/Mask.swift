/// The four bytes that a client combines its payloads with (RFC 6455 section 5.3), turned to the next byte's place.
struct Mask {
    private var word: UInt64

    /// - Parameter key: in the order of memory.
    init(key: UInt32) {
        let half = UInt64(UInt32(littleEndian: key))
        self.word = half | half << 32
    }

    init(_ bytes: ArraySlice<UInt8>) {
        let half = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.word = half | half << 32
    }

    /// Masks or unmasks the next bytes of a payload in place.
    mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        self.copy(UnsafeRawBufferPointer(bytes), to: bytes)
    }

    /// Masks or unmasks the next bytes of a payload on their way to `target`, which may be where they are.
    mutating func copy(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count >= source.count, "no room for \(source.count) bytes")
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        let (count, word) = (source.count, self.word)
        var index = 0
        while index &+ 8 <= count {
            let eight = UInt64(littleEndian: from.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ word
            to.storeBytes(of: eight.littleEndian, toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            let byte = from.load(fromByteOffset: index, as: UInt8.self) ^ UInt8(truncatingIfNeeded: self.word)
            to.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            self.word = self.word >> 8 | self.word << 56
            index &+= 1
        }
    }
}
