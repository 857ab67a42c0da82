import ClientProtocol
import Foundation
import Interviews
import JSON
import Personas
import Sessions
import Testing
import Transport

@testable import Gateway

/// A gateway with interviews over a folder of its own.
struct InterviewHarness {
    static let path = "/api/persona/generator"
    static let answer = "Honesty matters most to me, and my family; I tell the truth even when it is hard for us all."

    let gateway: GatewayHarness
    let service: InterviewService
    let folder: String

    static func run(
        isReadOnly: Bool = false, configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (InterviewHarness) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vaani-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let service = InterviewService(
            store: InterviewStore(directory: folder), roles: InterviewRoles(folder: Self.personas),
            isReadOnly: isReadOnly)
        let routes = InterviewRoutes(service) { .empty }.routes
        try await GatewayHarness.run(routes: routes, configure: configure) {
            try await body(InterviewHarness(gateway: $0, service: service, folder: folder))
        }
    }

    static let personas = String(#filePath.split(separator: "/Tests/GatewayTests")[0]) + "/personas"

    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, as user: String = "tara",
        headers: [(String, String)] = []
    ) async -> Answer {
        await self.gateway.ask(method, path, body, as: user, headers: headers)
    }

    func post(_ name: String, _ body: JSONValue? = nil, as user: String = "tara") async -> Answer {
        await self.ask("POST", "\(Self.path)/\(name)", body, as: user)
    }

    /// Begins an interview and gives three answers.
    func begin(as user: String = "tara") async -> JSONValue {
        let id = await self.post("start", as: user).json["sessionId"] ?? .null
        for count in 0..<3 {
            let text = "\(Self.answer) \(count)"
            _ = await self.post("answer", ["sessionId": id, "answer": .string(text)], as: user)
        }
        return id
    }
}

struct InterviewRoutesTests {
    @Test func `S2-24 S2-25 S2-31 S2-57 an interview goes from start to apply`() async throws {
        try await InterviewHarness.run { harness in
            let start = await harness.post("start")
            #expect(start.status == 200 && start.json["success"] == true)
            #expect(start.json["llmProfile"] == ["role": "psychotherapist", "model": "rules", "configured": false])
            #expect(start.json["progress"]?["overall"] == 0)
            let id = await harness.begin()
            #expect(id == start.json["sessionId"])
            let body: JSONValue = ["sessionId": id]
            #expect(await harness.post("pause", body).json["isPaused"] == true)
            #expect(await harness.post("pause", body).status == 200)
            let resumed = await harness.post("resume", body)
            #expect(resumed.json["isPaused"] == false && resumed.json["question"]?["prompt"] != nil)
            #expect(resumed.json["progress"]?["answered"] == 3)
            let final = await harness.post("finalize", body)
            #expect(final.json["applied"] == false && final.json["diff"]?["summary"]?["add"]?.integer ?? 0 > 0)
            #expect(final.json["confidence"]?["overall"]?.integer ?? 0 > 0)
            #expect(await harness.ask("GET", "/api/persona-core").json == [:])
            let applied = await harness.post("apply", body)
            #expect(applied.json["applied"] == true)
            let core = await harness.ask("GET", "/api/persona-core")
            #expect(core.json["values"]?["core"]?.array?.first?["value"] == "honesty")
            #expect(core.headers["etag"] == "\"\(applied.json["version"]?.string ?? "")\"")
            let again = await harness.post("answer", ["sessionId": id, "answer": .string(InterviewHarness.answer)])
            #expect(again.status == 409, "S2-3")
        }
    }

    @Test func `S2-19 nothing that the interviewer thought is answered`() async throws {
        try await InterviewHarness.run { harness in
            let id = await harness.begin().string ?? ""
            _ = await harness.post("finalize", ["sessionId": .string(id)])
            for name in ["sessions/\(id)", "sessions/\(id)/summary"] {
                let answer = await harness.ask("GET", "\(InterviewHarness.path)/\(name)")
                #expect(answer.status == 200)
                #expect(answer.json["analysis"] == nil && !answer.json.text.contains("words: "))
            }
        }
    }

    @Test(arguments: ["answer", "update-answer", "pause", "resume", "discard", "finalize", "apply"])
    func `S2-7 S2-30 another user's interview is not found on any route`(name: String) async throws {
        try await InterviewHarness.run { harness in
            let id = await harness.begin()
            for user in ["ravi", "..", ".", "tara."] {
                for sent: JSONValue in [
                    id, .string("../../tara/persona/interviews/\(id.string ?? "")"), "%2e%2e%2ftara", "..", "\u{0}",
                ] {
                    let answer = await harness.post(
                        name,
                        [
                            "sessionId": sent, "answer": .string(InterviewHarness.answer), "questionId": "values-1",
                            "deleteTranscript": true, "apply": true,
                        ], as: user)
                    #expect([403, 404].contains(answer.status), "\(name) \(user) \(sent): \(answer.status)")
                }
            }
            let own = try #require(id.string)
            for path in [
                "sessions/\(own)", "sessions/\(own)/summary", "sessions/..%2f\(own)", "sessions/\(own)/facets",
            ] {
                #expect(await harness.ask("GET", "\(InterviewHarness.path)/\(path)", as: "ravi").status == 404)
            }
            #expect(
                await harness.ask("GET", "\(InterviewHarness.path)/sessions/\(own)").json["progress"]?["answered"] == 3)
        }
    }

    @Test func `S2-29 without a token 401, and 403 where personas are read-only`() async throws {
        let keys = try #require(TokenKey(id: "k", secret: Array(repeating: 7, count: 32)))
        let authority = TokenAuthority(keys: [keys], issuer: "vaani", audience: "vaani")
        try await InterviewHarness.run(configure: { $0.access = .tokens(authority) }) { harness in
            for name in ["start", "answer", "finalize", "discard", "apply"] {
                #expect(await harness.post(name, ["sessionId": "x"]).status == 401)
            }
        }
        try await InterviewHarness.run(isReadOnly: true) { harness in
            #expect(await harness.post("start").status == 403)
            #expect(await harness.ask("POST", "/api/persona-core", [:]).status == 403)
            #expect(await harness.ask("GET", "/api/persona-core").status == 200)
        }
    }

    @Test func `C-19 a core that somebody changed is answered with 412, and kept byte for byte`() async throws {
        try await InterviewHarness.run { harness in
            let first = await harness.ask("POST", "/api/persona-core", ["name": "Tara"])
            let tag = try #require(first.headers["etag"])
            let second = await harness.ask("POST", "/api/persona-core", ["name": "T"], headers: [("if-match", tag)])
            #expect(second.status == 200)
            let third = await harness.ask("POST", "/api/persona-core", ["name": "X"], headers: [("if-match", tag)])
            #expect(third.status == 412)
            #expect(await harness.ask("GET", "/api/persona-core").json == ["name": "T"])
            let known = [("if-none-match", second.headers["etag"] ?? "")]
            #expect(await harness.ask("GET", "/api/persona-core", headers: known).status == 304)
            #expect(await harness.ask("POST", "/api/persona-core", [1]).status == 400)
        }
    }

    @Test func `S2-52 the onboarding route keeps its contract`() async throws {
        try await InterviewHarness.run { harness in
            let body: JSONValue = [
                "transcript": [["question": "What matters most to you?", "answer": "Honesty and my family."]]
            ]
            let answer = await harness.ask("POST", "/api/onboarding/extract-persona", body)
            #expect(
                answer.json == [
                    "success": true, "llmProfile": ["role": "curator", "model": "rules", "configured": false],
                    "persona": [
                        "summary": "Values named: honesty, family.", "bigFive": [:], "background": [],
                        "currentFocus": [], "relationships": [],
                        "values": [
                            ["value": "honesty", "description": "Honesty and my family"],
                            ["value": "family", "description": "Honesty and my family"],
                        ],
                        "goals": ["shortTerm": [], "midTerm": [], "longTerm": []],
                        "communicationStyle": ["tone": [], "notes": []],
                    ],
                ])
            for wrong: JSONValue in [[:], ["transcript": 3], ["transcript": [1]], ["transcript": []]] {
                #expect(await harness.ask("POST", "/api/onboarding/extract-persona", wrong).status == 422)
            }
        }
    }

    @Test func `S2-47 S2-48 what was applied is in the user's own persona at once, unless it is left out`() async throws
    {
        try await InterviewHarness.run { harness in
            #expect(await harness.ask("GET", "/api/persona-core/compiled").status == 404)
            let id = await harness.begin()
            _ = await harness.post("finalize", ["sessionId": id, "apply": true])
            let with = await harness.ask("GET", "/api/persona-core/compiled")
            #expect(with.json["kind"] == "self")
            #expect(with.json["instructions"]?.string?.contains("values honesty") == true)
            let without = await harness.ask("GET", "/api/persona-core/compiled?includePersonaSummary=false")
            #expect(without.json["instructions"]?.string?.contains("values honesty") == false)
        }
    }

    @Test func `C-23 only interviews with consent are exported, as JSON and as lines`() async throws {
        try await InterviewHarness.run { harness in
            let id = await harness.begin()
            _ = await harness.post("finalize", ["sessionId": id])
            let path = "\(InterviewHarness.path)/training"
            #expect(await harness.ask("GET", path).json["total"] == 0)
            let next = await harness.begin()
            _ = await harness.post("finalize", ["sessionId": next, "trainingConsent": true])
            #expect(await harness.ask("GET", path).json["total"] == 1)
            let lines = await harness.ask("GET", path + "?format=jsonl")
            #expect(lines.headers["content-type"] == "application/x-ndjson")
            #expect(lines.text.split(separator: "\n").count == 1)
            #expect(await harness.ask("GET", path + "?format=xml").status == 422)
            #expect(await harness.ask("GET", path, as: "ravi").json["total"] == 0)
            let stats = await harness.ask("GET", "\(InterviewHarness.path)/stats").json
            #expect(stats["sessions"] == 2 && stats["completed"] == 2 && stats["completionRate"]?.double == 1)
        }
    }

    @Test func `members of the wrong type are told by name`() async throws {
        try await InterviewHarness.run { harness in
            let wrong: [(String, JSONValue, String)] = [
                ("start", ["language": 3], "language"), ("start", ["overrides": []], "overrides"),
                ("start", ["overrides": ["minAnswers": "x"]], "overrides.minAnswers"),
                ("start", ["overrides": ["maxQuestions": 0]], "overrides"),
                ("answer", [:], "sessionId"), ("start", ["trainingConsent": "yes"], "trainingConsent"),
            ]
            for (name, body, field) in wrong {
                let answer = await harness.post(name, body)
                #expect(answer.status == 422)
                #expect(answer.json["errors"]?.array?.first?["field"]?.string == field)
            }
            let id = await harness.begin()
            #expect(await harness.post("answer", ["sessionId": id, "answer": "short"]).status == 422)
            let long = JSONValue.string(String(repeating: "a", count: 2_001))
            #expect(await harness.post("answer", ["sessionId": id, "answer": long]).status == 422)
        }
    }
}

struct InterviewCallsTests {
    private func said(_ role: ClientProtocol.Transcript.Role, _ text: String) -> ClientProtocol.Transcript {
        .init(role: role, itemID: "i", text: text, isFinal: true)
    }

    private func identity(_ call: Int) -> SessionIdentity {
        SessionIdentity(id: "sess_\(call)", user: "tara", style: .mobile)
    }

    @Test func `X-22 what is said in calls becomes answers, over two calls`() async throws {
        try await InterviewHarness.run { harness in
            let calls = InterviewCalls(
                harness.service, folder: InterviewHarness.personas, catalog: { .empty }, log: .disabled)
            let first = try #require(
                try await calls.select("psychotherapist", mode: nil, user: "tara")?.get())
            #expect(first.kind == .role && first.greeting?.contains("What matters most to you") == true)
            calls.heard(self.identity(1), "psychotherapist", self.said(.assistant, first.greeting ?? ""))
            calls.heard(self.identity(1), "psychotherapist", self.said(.user, "Honesty."))
            calls.heard(self.identity(1), "somebody-else", self.said(.user, "Not for the interview."))
            calls.ended(self.identity(1), ["psychotherapist"])
            await calls.settle("tara")
            let session = try #require(try await harness.service.active("tara")).session
            #expect(session.answers.map(\.content) == ["Honesty."])
            #expect(session.answers[0].source == .voice && session.pausedAt != nil)
            let second = try #require(
                try await calls.select("psychotherapist", mode: nil, user: "tara")?.get())
            let open = try #require(session.openQuestion)
            #expect(second.greeting?.hasPrefix("Welcome back.") == true)
            #expect(second.greeting?.hasSuffix(open.prompt) == true)
            #expect(try await harness.service.active("tara")?.session.pausedAt == nil)
            calls.heard(self.identity(2), "psychotherapist", self.said(.user, "Because of my mother, who never lied."))
            await calls.close()
            #expect(try await harness.service.active("tara")?.session.answers.count == 2)
            #expect(await calls.select("tina", mode: nil, user: "tara") == nil)
        }
    }

    @Test func `X-22 the user's own persona can be talked with once there is one`() async throws {
        try await InterviewHarness.run { harness in
            let calls = InterviewCalls(
                harness.service, folder: InterviewHarness.personas, catalog: { .empty }, log: .disabled)
            await #expect(throws: PersonaRefusal.self) {
                _ = try await calls.select("self", mode: nil, user: "tara")?.get()
            }
            _ = try await harness.service.saveCore("tara", Array(#"{"name":"Tara"}"#.utf8), version: nil)
            let own = try #require(try await calls.select("self", mode: nil, user: "tara")?.get())
            #expect(own.kind == .`self` && own.name == "Tara")
        }
    }
}
