import Foundation
import JSON

@testable import ProviderDouble

/// A double with a clock that stands still, and short ways to ask it.
struct Cloud {
    static let start = Date(timeIntervalSince1970: 1_764_583_200)  // 2025-12-01T10:00:00Z
    static let persona: JSONValue = ["persona_name": "Life Coach", "system_prompt": "You coach."]

    var state: DoubleState
    var now = Self.start

    init(_ order: JSONValue = [:], seed: DoubleSeed = .stock, key: String? = nil) throws {
        var settings = DoubleSettings()
        try settings.obey(order)
        settings.key = key
        self.state = DoubleState(settings, seed: seed, at: Self.start)
    }

    mutating func outcome(
        _ method: String, _ path: String, _ body: JSONValue? = nil, query: [String: String] = [:], key: String? = "k"
    ) -> DoubleOutcome {
        let headers = key.map { ["x-api-key": $0] } ?? [:]
        return self.state.answer(DoubleRequest(method, path, query: query, headers: headers, body: body), at: self.now)
    }

    /// Status and document of an answer; status 0 where there is none.
    mutating func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, query: [String: String] = [:], key: String? = "k"
    ) -> Answer {
        Answer(self.outcome(method, path, body, query: query, key: key))
    }

    /// Says something to the double itself.
    mutating func order(
        _ method: String, _ path: String, _ body: JSONValue? = nil, query: [String: String] = [:]
    ) -> Answer {
        let request = DoubleRequest(method, "/__double" + path, query: query, body: body)
        return Answer(DoubleOutcome(.reply(self.state.obey(request, at: self.now))))
    }

    /// Makes a persona.
    mutating func create(_ body: JSONValue = Self.persona) -> String {
        self.ask("POST", "/v2/personas", body).json["persona_id"]?.string ?? ""
    }

    mutating func wait(_ seconds: TimeInterval) {
        self.now += seconds
    }
}

struct Answer: Equatable {
    var status = 0
    var json: JSONValue = .null

    init(_ status: Int, _ json: JSONValue = .null) {
        self.status = status
        self.json = json
    }

    init(_ outcome: DoubleOutcome) {
        guard case .reply(let reply) = outcome.end else { return }
        self.status = reply.status
        self.json = (try? JSONValue(strictly: reply.body)) ?? .null
    }

    var ids: [String] {
        (self.json["data"]?.array ?? []).compactMap { entry in
            ["persona_id", "pal_id", "replica_id", "face_id", "document_id"].lazy.compactMap { entry[$0]?.string }.first
        }
    }
}
