import Testing

@testable import Transport

struct MessageAssemblerTests {
    private func piece(_ count: Int, remaining: Int = 0, final: Bool = true) -> MessageAssembler.Piece {
        MessageAssembler.Piece(isBinary: false, remainingInFrame: remaining, isFinalFragment: final, count: count)
    }

    private func take(_ assembler: inout MessageAssembler, _ piece: MessageAssembler.Piece) -> MessageAssembler.Step {
        Array(repeating: UInt8(0x61), count: piece.count).withUnsafeBytes { assembler.take(piece, $0) }
    }

    @Test func `one frame in one piece is used in place`() {
        var assembler = MessageAssembler(maxBytes: 10, maxFragments: 2)
        #expect(self.take(&assembler, self.piece(10)) == .whole(isBinary: false))
        #expect(self.take(&assembler, self.piece(10)) == .whole(isBinary: false))
    }

    @Test func `fragments are joined`() {
        var assembler = MessageAssembler(maxBytes: 10, maxFragments: 2)
        #expect(self.take(&assembler, self.piece(1, final: false)) == .keep)
        [UInt8(7)].withUnsafeBytes { assembler.keep($0, announced: 0) }
        #expect(self.take(&assembler, self.piece(1)) == .complete(isBinary: false))
        [UInt8(8)].withUnsafeBytes { assembler.keep($0, announced: 0) }
        #expect(assembler.takeMessage() == [7, 8])
        #expect(assembler.takeMessage().isEmpty)
    }

    @Test func `the announced length is refused before it is kept`() {
        var assembler = MessageAssembler(maxBytes: 10, maxFragments: 2)
        #expect(
            self.take(&assembler, self.piece(1, remaining: 10, final: false))
                == .refuse(code: 1009, reason: "message of 11 bytes exceeds 10"))
    }

    @Test func `one fragment too many is refused, pieces of one frame are not`() {
        var assembler = MessageAssembler(maxBytes: 100, maxFragments: 2)
        #expect(self.take(&assembler, self.piece(1, remaining: 2, final: false)) == .keep)
        #expect(self.take(&assembler, self.piece(1, remaining: 1, final: false)) == .keep)
        #expect(self.take(&assembler, self.piece(1, final: false)) == .keep)
        #expect(self.take(&assembler, self.piece(0, final: false)) == .keep)
        #expect(
            self.take(&assembler, self.piece(0, final: false))
                == .refuse(code: 1008, reason: "message has more than 2 fragments"))
    }

    @Test(arguments: [1, 2, 3, 100]) func `text is text however it is cut`(size: Int) {
        var assembler = MessageAssembler(maxBytes: 100, maxFragments: 100)
        let text = Array("aß नमस्ते 🙏".utf8)
        var step: MessageAssembler.Step?
        for start in stride(from: 0, to: text.count, by: size) {
            let part = Array(text[start..<min(start + size, text.count)])
            let isLast = start + size >= text.count
            step = part.withUnsafeBytes { assembler.take(self.piece(part.count, final: isLast), $0) }
            part.withUnsafeBytes { assembler.keep($0, announced: 0) }
        }
        #expect(step == (size < text.count ? .complete(isBinary: false) : .whole(isBinary: false)))
        #expect(assembler.takeMessage() == text)
    }

    @Test(
        arguments: [
            [0x80], [0xC0], [0xC1], [0xE0, 0x80], [0xED, 0xA0], [0xF0, 0x80], [0xF4, 0x90], [0xF5], [0xFF],
            [0xE0, 0xA4, 0x41], [0x61, 0xE0, 0xA4, 0xE0],
        ] as [[UInt8]], [1, 100]) func `wrong bytes are found when they come`(bytes: [UInt8], size: Int)
    {
        var stream = UTF8Stream()
        let parts = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(parts.map { part in part.withUnsafeBytes { stream.accept($0) } }.last == false)
    }

    @Test func `text that ends within a character is refused`() {
        var assembler = MessageAssembler(maxBytes: 100, maxFragments: 100)
        let step = [UInt8](arrayLiteral: 0xE0, 0xA4).withUnsafeBytes { assembler.take(self.piece(2), $0) }
        #expect(step == .refuse(code: 1007, reason: "text is not UTF-8"))
    }
}
