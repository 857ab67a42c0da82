import Testing

@testable import Transport

struct MaskTests {
    private let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    private var mask: Mask { Mask(key: self.key.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }) }

    private func naive(_ payload: some Collection<UInt8>) -> [UInt8] {
        payload.enumerated().map { $1 ^ self.key[$0 & 3] }
    }

    @Test(arguments: 0...70) func `masking is XOR with the key, at any alignment of either side`(length: Int) {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        for from in 0..<8 {
            for to in 0..<8 {
                let source = [UInt8](repeating: 0, count: from) + payload
                var target = [UInt8](repeating: 0xEE, count: to + length + 8)
                source.withUnsafeBytes { source in
                    target.withUnsafeMutableBytes { target in
                        var mask = self.mask
                        mask.copy(
                            UnsafeRawBufferPointer(rebasing: source[from...]),
                            to: UnsafeMutableRawBufferPointer(rebasing: target[to..<(to + length)]))
                    }
                }
                #expect(Array(target[to..<(to + length)]) == self.naive(payload))
                #expect(target[..<to].allSatisfy { $0 == 0xEE } && target[(to + length)...].allSatisfy { $0 == 0xEE })
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, 64]) func `a payload in pieces is masked as one`(size: Int) {
        let payload = (0..<200).map { UInt8($0) }
        var mask = self.mask
        var masked = payload
        masked.withUnsafeMutableBytes { buffer in
            for start in stride(from: 0, to: buffer.count, by: size) {
                mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: buffer[start..<min(start + size, buffer.count)]))
            }
        }
        #expect(masked == self.naive(payload))
    }

    @Test func `keys do not repeat within batches or between them`() {
        var (first, second) = (MaskKeys(), MaskKeys())
        let keys = (0..<600).flatMap { _ in [first.next(), second.next()] }
        // Of 1,200 words of 32 bits, two are alike by chance once in 6,000 runs; three pairs never.
        #expect(Set(keys).count >= keys.count - 2)
    }
}
