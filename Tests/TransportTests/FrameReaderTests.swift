import Testing

@testable import Transport

struct FrameReaderTests {
    /// All events of `bytes`, cut into pieces of `size`, with the payload of messages as one.
    private func read(
        _ bytes: [UInt8], size: Int = .max, of peer: FrameReader.Peer = .client
    ) -> (events: [FrameReader.Event], payload: [UInt8]) {
        var reader = FrameReader(of: peer)
        var events: [FrameReader.Event] = []
        var payload: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            var part = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            part.withUnsafeMutableBytes { buffer in
                var index = 0
                while case let event = reader.next(buffer, from: &index), event != .needsMore {
                    if case .piece(_, let range) = event { payload += buffer[range] } else { events.append(event) }
                    if case .violation = event { break }
                }
            }
            if case .violation = events.last { break }
        }
        return (events, payload)
    }

    private func violation(_ bytes: [UInt8]) -> String? {
        guard case .violation(let reason) = self.read(bytes).events.last else { return nil }
        return reason
    }

    @Test(arguments: [1, 2, 3, 7, 4_096]) func `a message is the same however it is cut`(size: Int) {
        let text = Array("the quick brown fox, twice over, is more than sixteen bytes".utf8)
        let frames = RawClient.frame(.text, text) + RawClient.frame(.ping, [1, 2, 3]) + RawClient.frame(.binary, text)
        let (events, payload) = self.read(frames, size: size)
        #expect(events == [.ping([1, 2, 3])])
        #expect(payload == text + text)
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_001])
    func `every form of length is read`(length: Int) {
        let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        #expect(self.read(RawClient.frame(.binary, payload)).payload == payload)
    }

    @Test func `the length is told before the payload comes`() {
        var reader = FrameReader(of: .client)
        var header: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 0x7F, 0, 0, 0, 1, 2, 3, 4]
        let event = header.withUnsafeMutableBytes { buffer in
            var index = 0
            return reader.next(buffer, from: &index)
        }
        let piece = MessageAssembler.Piece(
            isBinary: true, remainingInFrame: 0x7F00_0000, isFinalFragment: true, count: 0)
        #expect(event == .piece(piece, 14..<14))
    }

    @Test func `a ping may come between two fragments`() {
        let frames =
            RawClient.frame(.text, [0x61], isFinal: false) + RawClient.frame(.ping, [])
            + RawClient.frame(.continuation, [0x62])
        let (events, payload) = self.read(frames)
        #expect(events == [.ping([])])
        #expect(payload == [0x61, 0x62])
    }

    @Test func `an unmasked frame is a violation`() {
        #expect(self.violation(RawClient.frame(.text, [0x61], masked: false)) == "frame of a client is not masked")
    }

    @Test(arguments: [1, 2, 3, 4_096]) func `a server's frames come as they are`(size: Int) {
        let (short, long) = (Array("short".utf8), [UInt8](repeating: 7, count: 300))
        let frames = [
            RawClient.frame(.text, short, masked: false), RawClient.frame(.ping, [1], masked: false),
            RawClient.frame(.binary, [], masked: false), RawClient.frame(.binary, long, masked: false),
        ]
        let (events, payload) = self.read(frames.flatMap(\.self), size: size, of: .server)
        #expect(events == [.ping([1])])
        #expect(payload == short + long)
    }

    @Test func `a masked frame of a server is a violation`() {
        let events = self.read(RawClient.frame(.text, [0x61]), of: .server).events
        #expect(events == [.violation("frame of a server is masked")])
    }

    @Test(
        arguments: [
            [0xC1, 0x80], [0x91, 0x80], [0x83, 0x80], [0x8B, 0x80], [0x8F, 0x80],
            [0x09, 0x80], [0x89, 0xFE],
            [0x80, 0x80],
            [0x81, 0xFE, 0x00, 0x7D, 0, 0, 0, 0], [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0],
            [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]]) func `what RFC 6455 forbids is a violation`(bytes: [UInt8])
    {
        #expect(self.violation(bytes) != nil)
    }

    @Test func `a message within a message is a violation`() {
        #expect(self.violation(RawClient.frame(.text, [], isFinal: false) + RawClient.frame(.text, [])) != nil)
    }

    @Test func `the longest length overflows nothing`() {
        var reader = FrameReader(of: .client)
        var assembler = MessageAssembler(maxBytes: 100, maxFragments: 10)
        var header: [UInt8] = [0x81, 0xFF, 0x7F] + Array(repeating: 0xFF, count: 7) + [0, 0, 0, 0]
        header.withUnsafeMutableBytes { buffer in
            var index = 0
            guard case .piece(let piece, _) = reader.next(buffer, from: &index) else {
                Issue.record("no piece")
                return
            }
            guard case .refuse(1009, _) = assembler.take(piece, UnsafeRawBufferPointer(start: nil, count: 0)) else {
                Issue.record("not refused")
                return
            }
        }
    }
}
