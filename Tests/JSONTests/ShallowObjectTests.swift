import JSON
import Testing

@Suite struct ShallowObjectTests {
    private func read<Result>(_ text: String, _ body: (ShallowObject?) -> Result) -> Result {
        var text = text
        return text.withUTF8 { body(ShallowObject(UnsafeRawBufferPointer($0))) }
    }

    @Test func `members are found around nested values`() {
        let text = #" {"a":{"type":"inner","x":["}",{}]}, "type" : "audio","n":-12,"audio":"QUJD","t":null} "#
        self.read(text) { object in
            #expect(object?.string("type") == "audio")
            #expect(object?.integer("n") == -12)
            #expect(object?.plainBytes("audio")?.count == 4)
            #expect(object?.equals("type", "audio") == true)
            #expect(object?.contains("t") == true)
            #expect(object?.string("x") == nil)
        }
    }

    @Test func `an escaped string is resolved but has no plain bytes`() {
        self.read(#"{"text":"a\"b\u0928"}"#) { object in
            #expect(object?.string("text") == "a\"bन")
            #expect(object?.plainBytes("text") == nil)
        }
    }

    @Test(arguments: [
        "", " ", "[]", "1", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1}{}"#, #"{"a":1} x"#, #"{"a":"b}"#,
        #"{"a":1,"a":2}"#, #"{"\u0061":1}"#, #"{"a":[1}"#, #"{"a":"\"#, #"{"a" 1}"#,
    ])
    func `text that is no plain object is left to the full parser`(text: String) {
        #expect(self.read(text) { $0 == nil })
    }

    @Test func `nesting beyond 32 levels is left to the full parser`() {
        let nested = { (depth: Int) in
            #"{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(self.read(nested(31)) { $0 != nil })
        #expect(self.read(nested(32)) { $0 == nil })
        #expect(self.read(nested(100_000)) { $0 == nil })
    }

    @Test func `more members than it has room for are left to the full parser`() {
        let text = "{" + (0..<25).map { #""k\#($0)":1"# }.joined(separator: ",") + "}"
        #expect(self.read(text) { $0 == nil })
    }
}
