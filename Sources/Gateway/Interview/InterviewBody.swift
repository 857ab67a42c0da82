import Interviews
import JSON

/// Reads the body of a request about an interview; a member of another type than it should have is told by name.
struct InterviewBody {
    // The extractor takes 200 turns; with the assistant's words between them it is twice as many, and one to be told of.
    private static let maxEntries = 402

    private let members: [String: JSONValue]

    init(_ request: RouteRequest, mayBeEmpty: Bool = false) throws {
        self.members = mayBeEmpty && request.body.isEmpty ? [:] : try request.object()
    }

    /// - Throws: 404 for what can be no interview's.
    func id() throws(ErrorResponse) -> InterviewID {
        guard let id = InterviewID(rawValue: try self.required("sessionId")) else {
            throw ErrorResponse(404, "not_found", "there is no interview of that id")
        }
        return id
    }

    func text(_ key: String) throws(ErrorResponse) -> String? {
        guard let value = self.members[key], !value.isNull else { return nil }
        guard let text = value.string else { throw Self.fault(key, "must be a string") }
        return text
    }

    func required(_ key: String) throws(ErrorResponse) -> String {
        guard let text = try self.text(key), !text.isEmpty else { throw Self.fault(key, "is missing") }
        return text
    }

    func flag(_ key: String) throws(ErrorResponse) -> Bool? {
        guard let value = self.members[key], !value.isNull else { return nil }
        guard let flag = value.bool else { throw Self.fault(key, "must be true or false") }
        return flag
    }

    /// A primary subtag: `hi` of `hi-IN`.
    func language() throws(ErrorResponse) -> String? {
        guard let tag = try self.text("language") else { return nil }
        let primary = tag.lowercased().prefix { $0 != "-" && $0 != "_" }
        guard (2...3).contains(primary.utf8.count), primary.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else {
            throw Self.fault("language", "must be a language such as en or hi")
        }
        return String(primary)
    }

    func overrides() throws(ErrorResponse) -> InterviewPlan.Overrides {
        guard let value = self.members["overrides"], !value.isNull else { return .init() }
        guard value.object != nil else { throw Self.fault("overrides", "must be an object") }
        func number(_ key: String) throws(ErrorResponse) -> Int? {
            guard let value = value[key], !value.isNull else { return nil }
            guard let number = value.integer else { throw Self.fault("overrides.\(key)", "must be a whole number") }
            return number
        }
        return .init(
            maxQuestions: try number("maxQuestions"), minAnswers: try number("minAnswers"),
            targetCoverage: try number("targetCoverage"))
    }

    /// `[{"question": …, "answer": …}]`, or `[{"role": "user", "content": …}]` with the assistant's words before.
    func transcript() throws(ErrorResponse) -> Transcript {
        guard let entries = (self.members["transcript"] ?? self.members["messages"])?.array else {
            throw Self.fault("transcript", "must be an array of questions and answers")
        }
        var turns: [Transcript.Turn] = []
        var question = ""
        for (index, entry) in entries.prefix(Self.maxEntries).enumerated() {
            if entry["role"]?.string == "assistant" {
                question = entry["content"]?.string ?? ""
                continue
            }
            guard let answer = (entry["answer"] ?? entry["content"])?.string else {
                throw Self.fault("transcript[\(index)]", "must have an answer")
            }
            guard answer.unicodeScalars.count <= 5_000 else {
                throw Self.fault("transcript[\(index)]", "has more than 5000 characters")
            }
            let asked = try Self.question(entry["question"], index) ?? question
            turns.append(.init(questionID: "turn-\(turns.count + 1)", question: asked, answer: answer))
            question = ""
        }
        return Transcript(turns: turns)
    }

    private static func question(_ value: JSONValue?, _ index: Int) throws(ErrorResponse) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.string else { throw self.fault("transcript[\(index)].question", "must be a string") }
        return text
    }

    private static func fault(_ field: String, _ message: String) -> ErrorResponse {
        .invalid([.init(field: field, message: message)])
    }
}
