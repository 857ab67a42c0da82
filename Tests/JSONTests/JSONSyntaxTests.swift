import JSON
import Testing

@Suite struct JSONSyntaxTests {
    private func fault(_ text: [UInt8]) -> String? {
        do throws(JSONError) {
            _ = try JSONValue(strictly: text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("", 1, 1), ("{", 1, 2), ("{\"a\": 1,}", 1, 9), ("{\"a\" 1}", 1, 6), ("[1, 2", 1, 6), ("[1 2]", 1, 4),
        ("nul", 1, 4), ("{\n  \"a\": tru\n}", 2, 11), ("\"abc", 1, 5), ("\"a\\x\"", 1, 4), ("\"a\\u12g4\"", 1, 7),
        ("\"a\tb\"", 1, 3), ("01", 1, 2), ("-", 1, 2), ("1.", 1, 3), ("1e", 1, 3), ("{} {}", 1, 4),
        ("\"नमस्ते\" x", 1, 10),
        ("{a: 1}", 1, 2), ("'a'", 1, 1), ("[,]", 1, 2), ("[1,]", 1, 4), ("\u{FEFF}x", 1, 1),
    ])
    func `the first fault is told with its line and column`(text: String, line: Int, column: Int) throws {
        let fault = try #require(self.fault(Array(text.utf8)))
        #expect(fault.hasSuffix("at line \(line), column \(column)"), "\(fault)")
    }

    @Test func `bytes that are no UTF-8 and texts without an end are told too`() {
        #expect(self.fault([0x22, 0x61, 0xFF, 0x22])?.contains("no UTF-8, at line 1, column 3") == true)
        #expect(self.fault(Array(String(repeating: "[", count: 100_000).utf8))?.contains("512 levels") == true)
        #expect(self.fault(Array("[1e999]".utf8)) != nil)
    }

    @Test(arguments: ["null", " [1, -0.5e+3, \"\\u00e9\\n\", true, {\"a\": {}}] ", "{}", "0"])
    func `what is JSON has no fault`(text: String) {
        #expect(self.fault(Array(text.utf8)) == nil)
    }
}
