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

    /// Copies `bytes` behind the headroom and lends the copy.
    mutating func withCopy<Result>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeMutablePointer<UInt8>, Int) -> Result
    ) -> Result {
        self.resize(for: bytes.count)
        guard let start = self.memory.baseAddress?.advanced(by: Self.headroom) else {
            preconditionFailure("a write buffer without memory")
        }
        if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
        return body(start.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    /// Joins a frame's header and payload and lends them as one.
    mutating func withJoined<Result>(
        _ header: [UInt8], _ payload: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        self.resize(for: header.count + payload.count)
        let room = UnsafeMutableRawBufferPointer(rebasing: self.memory[Self.headroom...])
        room.copyBytes(from: header)
        UnsafeMutableRawBufferPointer(rebasing: room[header.count...]).copyMemory(from: payload)
        return body(UnsafeRawBufferPointer(rebasing: room[..<(header.count + payload.count)]))
    }

    private mutating func resize(for count: Int) {
        let wanted = Self.headroom + count
        let isTooLarge = self.memory.count > Self.keptBytes && wanted <= Self.keptBytes
        guard wanted > self.memory.count || isTooLarge else { return }
        self.memory.deallocate()
        self.memory = .allocate(byteCount: max(wanted, 4_096 + Self.headroom), alignment: 16)
    }
}
