import Testing

@testable import Workers

@Suite struct FrameTests {
    private func parse(_ pieces: [[UInt8]], limit: Int = 1_000) throws -> [Frame] {
        var parser = FrameParser(maxPayloadBytes: limit)
        var frames: [Frame] = []
        for piece in pieces {
            piece.withUnsafeBytes { parser.append($0) }
            while let frame = try parser.next() { frames.append(frame) }
        }
        return frames
    }

    @Test func `a frame is its length, its kind and its payload`() {
        #expect(Frame(kind: .chunk, payload: [1, 2, 3]).encoded == [0, 0, 0, 3, 0x44, 1, 2, 3])
    }

    @Test func `frames come out whole however the stream is cut`() throws {
        let frames = [Frame(kind: .ready), Frame(kind: .chunk, payload: Array(0..<200)), Frame(kind: .end)]
        let stream = frames.flatMap(\.encoded)
        #expect(try self.parse([stream]) == frames)
        #expect(try self.parse(stream.map { [$0] }) == frames)
    }

    @Test func `a length beyond the limit is refused before its payload comes`() {
        #expect(throws: FrameParser.Failure.tooLong(bytes: 0x7FFF_FFFF, limit: 1_000)) {
            try self.parse([[0x7F, 0xFF, 0xFF, 0xFF, 0x44]])
        }
    }

    @Test func `an unknown kind is refused`() {
        #expect(throws: FrameParser.Failure.unknownKind(0)) { try self.parse([[0, 0, 0, 0, 0]]) }
    }
}
