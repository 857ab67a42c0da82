import CTLS

/// Bytes that nobody can foresee, from OpenSSL's generator, which asks the system only for its seed.
enum SecureRandom {
    static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress else { return }
        let isDone = RAND_bytes(start.assumingMemoryBound(to: UInt8.self), Int32(buffer.count)) == 1
        guard !isDone else { return }
        // A generator without a seed: the system's own takes its place.
        var system = SystemRandomNumberGenerator()
        for index in buffer.indices { buffer[index] = system.next() }
    }

    static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { self.fill($0) }
        return bytes
    }
}

/// The keys that frames of clients are masked with: each used once, many made at a time.
struct MaskKeys {
    private static let batch = 256
    private var keys: [UInt32] = []

    mutating func next() -> UInt32 {
        if self.keys.isEmpty {
            self.keys = Array(repeating: 0, count: Self.batch)
            self.keys.withUnsafeMutableBytes { SecureRandom.fill($0) }
        }
        return self.keys.removeLast()
    }
}
