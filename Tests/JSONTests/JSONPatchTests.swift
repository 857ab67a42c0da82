import Testing

@testable import JSON

struct JSONPatchTests {
    static let document: JSONValue = ["a": ["b": 1, "c": [1, 2, 3]], "x/y": 1, "m~n": 2]

    @Test(
        arguments: [
            (
                [["op": "add", "path": "/a/d", "value": 4]],
                ["a": ["b": 1, "c": [1, 2, 3], "d": 4], "x/y": 1, "m~n": 2]
            ),
            ([["op": "add", "path": "/a/c/1", "value": 9]], ["a": ["b": 1, "c": [1, 9, 2, 3]], "x/y": 1, "m~n": 2]),
            ([["op": "add", "path": "/a/c/-", "value": 9]], ["a": ["b": 1, "c": [1, 2, 3, 9]], "x/y": 1, "m~n": 2]),
            ([["op": "remove", "path": "/a/c/0"]], ["a": ["b": 1, "c": [2, 3]], "x/y": 1, "m~n": 2]),
            ([["op": "replace", "path": "/x~1y", "value": 5]], ["a": ["b": 1, "c": [1, 2, 3]], "x/y": 5, "m~n": 2]),
            ([["op": "remove", "path": "/m~0n"]], ["a": ["b": 1, "c": [1, 2, 3]], "x/y": 1]),
            ([["op": "move", "from": "/a/b", "path": "/b"]], ["a": ["c": [1, 2, 3]], "b": 1, "x/y": 1, "m~n": 2]),
            (
                [["op": "copy", "from": "/a/b", "path": "/a/c/0"]],
                ["a": ["b": 1, "c": [1, 1, 2, 3]], "x/y": 1, "m~n": 2]
            ),
            ([["op": "test", "path": "/a/b", "value": 1], ["op": "remove", "path": "/a"]], ["x/y": 1, "m~n": 2]),
            ([["op": "replace", "path": "", "value": [:]]], [:]),
        ] as [(JSONValue, JSONValue)])
    func `operations change the document as RFC 6902 says`(patch: JSONValue, result: JSONValue) throws {
        #expect(try JSONPatch.apply(patch, to: Self.document) == result)
    }

    @Test(
        arguments: [
            [["op": "remove", "path": "/none"]], [["op": "replace", "path": "/a/none", "value": 1]],
            [["op": "test", "path": "/a/b", "value": 2]], [["op": "add", "path": "/a/c/4", "value": 1]],
            [["op": "add", "path": "/a/c/01", "value": 1]], [["op": "remove", "path": "/a/c/-"]],
            [["op": "move", "from": "/a", "path": "/a/d"]], [["op": "add", "path": "/a/b/c", "value": 1]],
        ] as [JSONValue])
    func `a patch for another document is inapplicable`(patch: JSONValue) {
        #expect {
            try JSONPatch.apply(patch, to: Self.document)
        } throws: {
            if case PatchFault.inapplicable = $0 { true } else { false }
        }
    }

    @Test(
        arguments: [
            [:], ["add"], [["op": "add"]], [["op": "jump", "path": "/a"]], [["op": "add", "path": "a", "value": 1]],
            [["op": "add", "path": "/a"]], [["op": "copy", "path": "/a"]], .null,
        ] as [JSONValue])
    func `what is no patch is malformed`(patch: JSONValue) {
        #expect {
            try JSONPatch.apply(patch, to: Self.document)
        } throws: {
            if case PatchFault.malformed = $0 { true } else { false }
        }
    }

    @Test func `a patch from outside is bounded, and makes no large document of a small one`() throws {
        let add: JSONValue = ["op": "add", "path": "/a/d", "value": 4]
        #expect(try JSONPatch.apply([add], to: Self.document, .careful)["a"]?["d"] == 4)
        let deep = JSONValue.string(String(repeating: "/a", count: 17))
        for patch: JSONValue in [
            .array(Array(repeating: add, count: 101)), [["op": "remove", "path": deep]],
            [["op": "copy", "from": "", "path": "/a/d"]], [["op": "move", "from": "/a/b", "path": "/b"]],
        ] {
            #expect(throws: PatchFault.self) { try JSONPatch.apply(patch, to: Self.document, .careful) }
        }
    }
}
