import Testing

@testable import Transport

struct MessageAssemblerTests {
    private func piece(_ count: Int, remaining: Int = 0, final: Bool = true) -> MessageAssembler.Piece {
        MessageAssembler.Piece(isBinary: false, remainingInFrame: remaining, isFinalFragment: final, count: count)
    }

    @Test func `one frame in one piece is used in place`() {
        var assembler = MessageAssembler(maxBytes: 10, maxFragments: 2)
        #expect(assembler.take(self.piece(10)) == .whole(isBinary: false))
        #expect(assembler.take(self.piece(10)) == .whole(isBinary: false))
    }

    @Test func `fragments are joined`() {
        var assembler = MessageAssembler(maxBytes: 10, maxFragments: 2)
        #expect(assembler.take(self.piece(1, final: false)) == .keep)
        [UInt8(7)].withUnsafeBytes { assembler.keep($0, announced: 0) }
        #expect(assembler.take(self.piece(1)) == .complete(isBinary: false))
        [UInt8(8)].withUnsafeBytes { assembler.keep($0, announced: 0) }
        #expect(assembler.takeMessage() == [7, 8])
        #expect(assembler.takeMessage().isEmpty)
    }

    @Test func `the announced length is refused before it is kept`() {
        var assembler = MessageAssembler(maxBytes: 10, maxFragments: 2)
        #expect(
            assembler.take(self.piece(1, remaining: 10, final: false))
                == .refuse(code: 1009, reason: "message of 11 bytes exceeds 10"))
    }

    @Test func `one fragment too many is refused, pieces of one frame are not`() {
        var assembler = MessageAssembler(maxBytes: 100, maxFragments: 2)
        #expect(assembler.take(self.piece(1, remaining: 2, final: false)) == .keep)
        #expect(assembler.take(self.piece(1, remaining: 1, final: false)) == .keep)
        #expect(assembler.take(self.piece(1, final: false)) == .keep)
        #expect(assembler.take(self.piece(0, final: false)) == .keep)
        #expect(
            assembler.take(self.piece(0, final: false))
                == .refuse(code: 1008, reason: "message has more than 2 fragments"))
    }
}
