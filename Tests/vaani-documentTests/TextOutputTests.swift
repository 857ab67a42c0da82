import Testing

@testable import vaani_document

@Suite struct TextOutputTests {
    @Test func `control characters are left out`() throws {
        var output = TextOutput(limit: 100)
        try output.append("a\u{0}\u{1B}[31m\u{7F}\tb\r\n\u{C}क".utf8)
        #expect(String(decoding: output.waiting, as: UTF8.self) == "a[31m\tb\nक")
    }

    @Test func `a limit is reached, and not passed`() throws {
        var output = TextOutput(limit: 3)
        try output.append("abc".utf8)
        #expect(throws: ReadFailure(.tooLong, "the document has more than 3 bytes of text")) {
            try output.append("d".utf8)
        }
    }

    @Test func `text goes out in chunks, until nobody wants it`() throws {
        var output = TextOutput(limit: 1 << 20)
        var chunks: [Int] = []
        try output.append("a".utf8)
        #expect(output.flushIfFull { _ in false } && chunks.isEmpty)
        try output.append(String(repeating: "a", count: 1 << 16).utf8)
        #expect(
            !output.flushIfFull {
                chunks.append($0.count)
                return false
            })
        #expect(chunks == [(1 << 16) + 1] && output.waiting.isEmpty)
        #expect(output.flush { _ in false }, "there is nothing that anybody could not want")
    }
}
