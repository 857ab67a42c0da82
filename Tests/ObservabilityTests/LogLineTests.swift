import Foundation
import Observability
import Testing

@Suite struct LogLineTests {
    private func render(_ line: LogLine, _ value: String) -> String {
        let record = LogRecord(level: .info, message: "session opened", fields: [(.userID, .text(value))])
        return line.render(record, at: Date(timeIntervalSince1970: 0))
    }

    @Test func `a JSON line holds time, level, message and fields`() throws {
        let line = self.render(.json, "नेहा")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["user.id"] == "नेहा")
        #expect(object["level"] == "info")
        #expect(object["message"] == "session opened")
        #expect(object["time"] == "1970-01-01T00:00:00.000Z")
    }

    @Test(arguments: ["a\nb", "a\u{1B}[2Jb", "a\u{2028}b", "a\u{202E}b", "a\"b\\"], [LogLine.json, .pretty])
    func `no value breaks its line or moves the cursor`(value: String, line: LogLine) {
        let text = self.render(line, value).dropLast()
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x2028 && $0.value != 0x202E })
    }

    @Test func `a long value is cut`() {
        #expect(self.render(.json, String(repeating: "x", count: 10_000)).count < 500)
    }
}
