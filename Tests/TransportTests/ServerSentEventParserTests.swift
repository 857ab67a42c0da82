import Testing

@testable import Transport

@Suite struct ServerSentEventParserTests {
    private static let stream =
        "\u{FEFF}: a comment\r\ndata: one\r\n\r\nevent: add\rdata:two\rdata:  three\r\rid: 7\ndata\n\nretry: 250\nnonsense\n"
        + "event: lost\n\ndata: नमस्ते\n\ndata: unfinished"
    private static let events = [
        ServerSentEvent(data: "one"), ServerSentEvent(event: "add", data: "two\n three"),
        ServerSentEvent(data: "", lastID: "7"), ServerSentEvent(data: "नमस्ते", lastID: "7"),
    ]

    @Test func `events are read wherever the bytes are cut`() throws {
        let bytes = Array(Self.stream.utf8)
        for size in 1...bytes.count {
            var parser = ServerSentEventParser()
            var events: [ServerSentEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                events += try parser.push(bytes[start..<min(bytes.count, start + size)])
            }
            #expect(events == Self.events, "in pieces of \(size)")
            #expect(parser.retryMs == 250)
        }
    }

    @Test func `the id stays until it changes, and one with a NUL counts for nothing`() throws {
        var parser = ServerSentEventParser()
        let events = try parser.push("id: a\ndata: 1\n\nid: b\u{0}\ndata: 2\n\nid\ndata: 3\n\n".utf8)
        #expect(events.map(\.lastID) == ["a", "a", ""])
    }

    @Test(arguments: ["-1", "1.5", "١٢", "", "99999999999999999999999", "12x"])
    func `a retry that is no number is passed over`(value: String) throws {
        var parser = ServerSentEventParser()
        _ = try parser.push("retry: 3\nretry: \(value)\n\n".utf8)
        #expect(parser.retryMs == 3)
    }

    @Test func `bytes that are no UTF-8 spoil their own line alone`() throws {
        var parser = ServerSentEventParser()
        let events = try parser.push(Array("data: ".utf8) + [0xFF, 0xC3] + Array("\ndata: good\n\n".utf8))
        #expect(events == [ServerSentEvent(data: "\u{FFFD}\u{FFFD}\ngood")])
    }

    @Test func `a line, and an event of many lines, have an end`() throws {
        for piece in [
            Array(repeating: UInt8(ascii: "x"), count: 100), Array("data: 12345\n".utf8), Array(":::\n".utf8),
        ] {
            var parser = ServerSentEventParser(maxEventBytes: 64)
            #expect(throws: ServerSentEventParser.TooLarge(limit: 64)) {
                for _ in 0..<100 { _ = try parser.push(piece) }
            }
        }
        var parser = ServerSentEventParser(maxEventBytes: 64)
        for _ in 0..<100 {
            let events = try parser.push("data: 12345\n\n".utf8)
            #expect(events.count == 1)
        }
    }

    @Test func `noise makes no trouble`() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("data: event id retry:\r\n\n\n\0é".utf8)
        for _ in 0..<200 {
            var parser = ServerSentEventParser(maxEventBytes: 512)
            let noise = (0..<200).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let whole = try parser.push(noise)
            var second = ServerSentEventParser(maxEventBytes: 512)
            let halves = try second.push(noise[..<77]) + second.push(noise[77...])
            #expect(whole == halves)
        }
    }
}
