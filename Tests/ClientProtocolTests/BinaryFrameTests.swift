import Testing

@testable import ClientProtocol

@Suite struct BinaryFrameTests {
    private func decode(_ frame: [UInt8]) -> BinaryFrameHeader? {
        frame.withUnsafeBytes { BinaryFrameHeader(decoding: $0) }
    }

    @Test func `a header is in network byte order, before the payload`() {
        let header = BinaryFrameHeader(
            flags: [.first, .discontinuity], stream: 0x0102, sequence: 0x0304_0506, mediaTimestamp: 0x0708_090A,
            generation: 0x0B0C_0D0E)
        #expect(header.encoded([0xAA, 0xBB]) == [1, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xAA, 0xBB])
    }

    @Test func `the bits of the flags are those of the protocol`() {
        let flags: [BinaryFrameHeader.Flags] = [.first, .last, .discontinuity, .cached, .replayed]
        #expect(flags.map(\.rawValue) == [1, 2, 4, 8, 16])
    }

    @Test func `any sixteen bytes are a header, and come back as they were`() {
        var random = SystemRandomNumberGenerator()
        for length in 16..<400 {
            let frame = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(self.decode(frame)?.encoded(frame.dropFirst(16)) == frame)
        }
    }

    @Test(arguments: 0..<16) func `a frame that is shorter than a header is none`(length: Int) {
        #expect(self.decode([UInt8](repeating: 1, count: length)) == nil)
    }

    @Test func `a header may lie at any address`() {
        let header = BinaryFrameHeader(stream: 9, sequence: 8, mediaTimestamp: 7, generation: 6)
        for offset in 0..<8 {
            let frame = [UInt8](repeating: 0, count: offset) + header.encoded([])
            let found = frame.withUnsafeBytes {
                BinaryFrameHeader(decoding: UnsafeRawBufferPointer(rebasing: $0[offset...]))
            }
            #expect(found == header)
        }
    }
}
