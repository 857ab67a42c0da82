import CLibWebSockets

/// Bytes to be sent, with the headroom in front that the library wants, reused from write to write.
struct WriteBuffer: ~Copyable {
    private static let headroom = vaani_lws_pre()
    // What one large message needed is given back; small ones keep their buffer.
    private static let keptBytes = 256 << 10

    private var memory: UnsafeMutableRawBufferPointer = .allocate(byteCount: Self.headroom + 4_096, alignment: 16)

    deinit {
        self.memory.deallocate()
    }

    /// Copies `header` and `bytes`, these masked if need be, behind the headroom and lends them as one.
    mutating func withCopy<Result>(
        of bytes: UnsafeRawBufferPointer, after header: [UInt8] = [], masked mask: Mask? = nil,
        _ body: (UnsafeMutablePointer<UInt8>, Int) -> Result
    ) -> Result {
        let count = header.count + bytes.count
        self.resize(for: count)
        guard let start = self.memory.baseAddress?.advanced(by: Self.headroom) else {
            preconditionFailure("a write buffer without memory")
        }
        header.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: start, count: count).copyMemory(from: $0) }
        let target = UnsafeMutableRawBufferPointer(start: start + header.count, count: bytes.count)
        if var mask { mask.copy(bytes, to: target) } else { target.copyMemory(from: bytes) }
        return body(start.assumingMemoryBound(to: UInt8.self), count)
    }

    private mutating func resize(for count: Int) {
        let wanted = Self.headroom + count
        let isTooLarge = self.memory.count > Self.keptBytes && wanted <= Self.keptBytes
        guard wanted > self.memory.count || isTooLarge else { return }
        self.memory.deallocate()
        self.memory = .allocate(byteCount: max(wanted, 4_096 + Self.headroom), alignment: 16)
    }
}
