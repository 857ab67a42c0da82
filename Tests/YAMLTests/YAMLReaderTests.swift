import JSON
import Testing

@testable import YAML

@Suite struct YAMLReaderTests {
    private func read(_ text: String, _ limits: YAMLReader.Limits = .init()) throws(YAMLError) -> YAMLNode {
        try YAMLReader.read(Array(text.utf8), limits: limits)
    }

    @Test func `mappings, sequences and scalars become the values of JSON`() throws {
        let node = try self.read(
            """
            # a comment
            name: Tina
            count: 3
            ratio: 0.5
            small: -1.5e3
            on: false
            nothing:
            quoted: "3"
            list: [a, {b: 1}]
            block: |
              one
              two

            """)
        #expect(
            node.json == [
                "name": "Tina", "count": 3, "ratio": 0.5, "small": -1500.0, "on": false, "nothing": .null,
                "quoted": "3", "list": ["a", ["b": 1]], "block": "one\ntwo\n",
            ])
    }

    @Test func `every value knows its line`() throws {
        let node = try self.read("a: 1\nb:\n  - x\n  -\n    c: y\n")
        #expect(node["b"]?.line == 3)
        guard case .sequence(let items)? = node["b"]?.content else { throw YAMLError(line: 0, "no sequence") }
        #expect(items.map(\.line) == [3, 5])
    }

    @Test(arguments: ["no", "off", "nan", "infinity", "0x1F", "1_000", "12:30", "1.2.3", ".", "-", "e5"])
    func `words that are no numbers stay words`(word: String) throws {
        #expect(try self.read("v: \(word == "-" ? "'-'" : word)").json == ["v": .string(word)])
    }

    @Test func `JSON is YAML`() throws {
        let text = #"{"a": [1, 2.5, null, true], "b": {"c": "\u0928\n\"x\""}, "d": []}"#
        #expect(try self.read(text).json == JSONValue(parsing: text))
        #expect(try self.read("{\n\t\"a\":\t1\n}").json == ["a": 1])
    }

    @Test func `text outside of ASCII is kept`() throws {
        #expect(try self.read("\u{FEFF}say: नमस्ते 👋").json == ["say": "नमस्ते 👋"])
    }
}

/// What people and attackers write by mistake and on purpose.
@Suite struct HostileYAMLTests {
    private func refusal(of text: [UInt8], _ limits: YAMLReader.Limits = .init()) -> YAMLError? {
        do throws(YAMLError) {
            _ = try YAMLReader.read(text, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private func refusal(of text: String, _ limits: YAMLReader.Limits = .init()) -> YAMLError? {
        self.refusal(of: Array(text.utf8), limits)
    }

    @Test func `a bomb of aliases is refused at its first anchor`() {
        let bomb = """
            a: &a [x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
            """
        #expect(self.refusal(of: bomb) == YAMLError(line: 1, "anchors and aliases are not taken: write the value out"))
        #expect(self.refusal(of: "a: 1\nb: *a")?.line == 2)
    }

    @Test(arguments: ["!!binary aGk=", "!ruby/object:Gem x", "!!python/object [a]", "!x {a: 1}"])
    func `tags are refused`(value: String) {
        #expect(self.refusal(of: "ok: 1\nv: \(value)") == YAMLError(line: 2, "tags are not taken"))
    }

    @Test func `depth, size and number are limited`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(self.refusal(of: deep) == YAMLError(line: 1, "nested deeper than 32 levels"))
        #expect(self.refusal(of: String(repeating: "{a: ", count: 40))?.message == "nested deeper than 32 levels")
        #expect(self.refusal(of: String(repeating: "- ", count: 40))?.message == "nested deeper than 32 levels")
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: 1 << 20 + 1)
        #expect(self.refusal(of: large)?.message.contains("exceed the limit of 1048576") == true)
        let many = "[" + String(repeating: "1,", count: 60_000) + "]"
        #expect(self.refusal(of: many) == YAMLError(line: 1, "more than 50000 values"))
    }

    @Test func `faults name their line`() {
        #expect(self.refusal(of: "a: 1\nb: 2\na: 3") == YAMLError(line: 3, "\"a\" occurs twice"))
        #expect(self.refusal(of: "a: 1\n\n? [x]\n: 2") == YAMLError(line: 3, "a name is not text"))
        #expect(self.refusal(of: "a: 1\n---\nb: 2")?.message == "a second document begins")
        #expect(self.refusal(of: "a: 1\nb: [1, 2\nc: 3")?.line ?? 0 >= 2)
        #expect(self.refusal(of: "a: 1\n\tb: 2")?.line == 2)
        #expect(self.refusal(of: "a: \"never ends\n\n\n")?.line ?? 0 >= 1)
        #expect(self.refusal(of: "") == YAMLError(line: 1, "the document is empty"))
        #expect(self.refusal(of: "# only words\n")?.message == "the document is empty")
    }

    @Test(arguments: [[0xC3, 0x28], [0xFF, 0xFE, 0x61, 0x00], [0xED, 0xA0, 0x80], [0x61, 0x3A, 0x20, 0x80]])
    func `what is not UTF-8 is refused`(bytes: [UInt8]) {
        #expect(self.refusal(of: bytes) == YAMLError(line: 1, "the text is not UTF-8"))
    }

    @Test func `control characters are refused`() {
        #expect(self.refusal(of: [0x61, 0x3A, 0x20, 0x07]) != nil)
        #expect(self.refusal(of: [0x61, 0x3A, 0x20, 0x00, 0x62]) != nil)
    }

    @Test func `no text with flipped bytes brings the reader down`() {
        let text = Array("a: &x [1, \"b\\u0041\", {c: 'd'}]\nlist:\n  - >\n    folded\n  - |-\n    kept\n...\n".utf8)
        var state: UInt64 = 7
        for _ in 0..<3_000 {
            var spoilt = text
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                spoilt[Int(state >> 33) % spoilt.count] = UInt8(truncatingIfNeeded: state >> 24) & 0x7F
            }
            _ = self.refusal(of: spoilt)
        }
    }
}
