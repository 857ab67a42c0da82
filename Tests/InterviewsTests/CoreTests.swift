import JSON
import Testing

@testable import Interviews

struct JSONSpliceTests {
    private func set(_ text: String, _ path: [String], _ value: JSONValue) throws -> String {
        var splice = try JSONSplice(Array(text.utf8))
        try splice.set(path, to: value)
        return String(decoding: splice.text, as: UTF8.self)
    }

    @Test func `S2-22 one value changes, and every other byte stays`() throws {
        let core = #"{ "b" : 1.50, "values":{"x":[ 1,2 ],  "core": ["old, {\"}" , 3]}, "é": "é\/" }"#
        let new = #"{ "b" : 1.50, "values":{"x":[ 1,2 ],  "core": ["new"]}, "é": "é\/" }"#
        #expect(try self.set(core, ["values", "core"], ["new"]) == new)
    }

    @Test func `missing objects on the way are made, in the text's own manner`() throws {
        #expect(try self.set("{}", ["a", "b"], 1) == #"{"a":{"b":1}}"#)
        #expect(try self.set(#"{"z":1}"#, ["a"], 2) == #"{"z":1,"a":2}"#)
        #expect(try self.set("{\n  \"z\": 1\n}\n", ["a"], [2]) == "{\n  \"z\": 1,\n  \"a\": [\n    2\n  ]\n}\n")
        #expect(try self.set("{\n}\n", ["a"], 2) == "{\n  \"a\": 2\n}\n")
        #expect(try self.set(#"{"a":{ }}"#, ["a", "b"], 2) == #"{"a":{"b":2}}"#)
    }

    @Test(arguments: ["", "[]", "{", "\"x\"", "{\"a\":1,}x", "null"])
    func `what is no object is refused`(text: String) {
        #expect(throws: InterviewError.self) { _ = try JSONSplice(Array(text.utf8)) }
    }

    @Test func `a value where an object should be is refused and not replaced`() throws {
        #expect(throws: InterviewError.self) { _ = try self.set(#"{"goals":3,"values":7}"#, ["values", "core"], []) }
    }

    @Test func `what is written reads back, whatever stands around it`() throws {
        let texts = [#"{"a":"\\\"","b":{}}"#, #"{"a":[[{"}":"]"}]],"b":{"c":null}}"#, "{\t\"b\"\r\n:\n{\"c\":-1e3}}"]
        for text in texts {
            let result = try JSONValue(parsing: try self.set(text, ["b", "c"], ["x": [1, "\"}"]]))
            #expect(result["b"]?["c"] == ["x": [1, "\"}"]])
        }
    }
}

struct PersonaDifferenceTests {
    @Test func `S2-50 each member tells what becomes of it`() {
        let changes = PersonaDifference.changes(
            "goals", ["same": 1, "gone": 2, "other": 3], ["same": 1, "other": 4, "new": 5])
        #expect(
            changes == [
                .init(field: "goals.gone", old: 2, new: .null, action: .remove),
                .init(field: "goals.new", old: .null, new: 5, action: .add),
                .init(field: "goals.other", old: 3, new: 4, action: .update),
                .init(field: "goals.same", old: 1, new: 1, action: .noChange),
            ])
        let json = PersonaDifference(changes: changes, text: "").json
        #expect(json["summary"] == ["add": 1, "update": 1, "remove": 1, "no-change": 1])
    }

    @Test func `the unified text has hunks with three lines around a change`() {
        let old = (1...12).map { "\($0)\n" }.joined()
        let new = old.replacing("6\n", with: "six\n")
        #expect(
            UnifiedDiff.text(Array(old.utf8), Array(new.utf8), name: "c") == """
                --- a/c
                +++ b/c
                @@ -3,7 +3,7 @@
                 3
                 4
                 5
                -6
                +six
                 7
                 8
                 9

                """)
    }

    @Test func `S2-56 a merge loses nothing and says nothing twice`() {
        var draft = PersonaDraft()
        draft.values = [.init(value: "Honesty", description: "d"), .init(value: "family", description: "f")]
        let old: JSONValue = [["value": "honesty", "own": true]]
        let merged = PersonaMerge(draft: draft).value(at: ["values", "core"], now: old)
        #expect(merged?.array?.count == 2)
        #expect(merged?.array?.first == ["value": "honesty", "own": true])
        #expect(PersonaMerge(draft: draft).value(at: ["goals"], now: nil) == nil)
    }
}

struct ReplyReaderTests {
    @Test(arguments: [
        #"{"a":1}"#, "```json\n{\"a\":1}\n```", "```\n{\"a\":1}\n```", "Here it is: {\"a\":1} as you wished.",
        "```json\n{\"a\":1}",
    ])
    func `S2-56 an object is found bare, fenced and among words`(text: String) {
        #expect(ReplyReader.object(in: text) == ["a": 1])
    }

    @Test(arguments: ["", "{", "no JSON", "```json\n{\"a\":\n```", "[1]", "}{"])
    func `S2-56 what is broken is nothing`(text: String) {
        #expect(ReplyReader.object(in: text) == nil)
    }
}

struct SkillTests {
    private func transcript(_ answers: String...) -> Transcript {
        Transcript(
            turns: answers.enumerated().map { .init(questionID: "q\($0)", question: "Why?", answer: $1) })
    }

    @Test func `S2-20 distortions are named with the words that show them`() {
        let found = InterviewSkill.cognitiveDistortions.run(
            on: self.transcript("I am a failure. People think I am slow! It was a nice day.")
        ).distortions
        #expect(found.map(\.kind) == [.labeling, .mindReading])
        #expect(found[0].quote == "I am a failure")
    }

    @Test func `S2-20 contradictions are found across answers, and harmony is not`() {
        let found = InterviewSkill.contradictions.run(
            on: self.transcript("I love crowded parties.", "I hate parties.", "I like tea.")
        ).contradictions
        #expect(found.map(\.about) == ["parties"])
        #expect(found.first?.right.questionId == "q1")
    }
}
