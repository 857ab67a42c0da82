import Foundation
import JSON
import LanguageModels
import Synchronization

@testable import Interviews

/// A data directory and roles of its own, for one test.
struct InterviewFolder {
    let path: String
    let roles: InterviewRoles
    private let clock = ManualDate()

    static func run(_ body: (InterviewFolder) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("vaani-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let personas = path + "/personas"
        try FileManager.default.copyItem(atPath: Self.repository + "/personas", toPath: personas)
        try await body(InterviewFolder(path: path, roles: InterviewRoles(folder: personas)))
    }

    static let repository = String(#filePath.split(separator: "/Tests/InterviewsTests")[0])

    func service(_ model: (any LanguageModel)? = nil, isReadOnly: Bool = false) -> InterviewService {
        InterviewService(
            store: InterviewStore(directory: self.path + "/data"), roles: self.roles, model: model,
            modelName: { "model-of-\($0.rawValue)" }, isReadOnly: isReadOnly, now: { [clock] in clock.now })
    }

    func advance(days: Double) { self.clock.advance(days * 86_400) }

    /// Below the user's directory.
    func file(_ name: String, of user: String = "tara") -> [UInt8]? {
        FileManager.default.contents(atPath: "\(self.path)/data/profiles/\(user)/\(name)").map { [UInt8]($0) }
    }

    func json(_ name: String, of user: String = "tara") -> JSONValue? {
        self.file(name, of: user).flatMap { try? JSONValue(parsing: $0) }
    }

    func write(_ name: String, _ text: String, of user: String = "tara") throws {
        let url = URL(fileURLWithPath: "\(self.path)/data/profiles/\(user)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// Every file below the data directory with its bytes.
    func everything() -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        let root = self.path + "/data"
        for case let name as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            if let bytes = FileManager.default.contents(atPath: "\(root)/\(name)") { files[name] = [UInt8](bytes) }
        }
        return files
    }
}

/// A clock that a test turns.
final class ManualDate: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_762_740_900))

    /// A second later each time it is asked.
    var now: Date {
        self.time.withLock {
            $0 += 1
            return $0
        }
    }

    func advance(_ seconds: Double) { self.time.withLock { $0 += seconds } }
}

/// Answers as a test says, and remembers what it was asked.
final class RecordingModel: LanguageModel {
    let requests = Mutex<[ChatRequest]>([])
    private let reply: @Sendable (ChatRequest) -> String?

    private let known: [ModelRole]

    /// - Parameters:
    ///   - known: the roles that it is configured for.
    ///   - reply: nil for a failure.
    init(
        in known: [ModelRole] = [.psychotherapist, .curator], _ reply: @escaping @Sendable (ChatRequest) -> String?
    ) {
        self.known = known
        self.reply = reply
    }

    func answers(in role: ModelRole) -> Bool { self.known.contains(role) }

    func answer(_ request: ChatRequest) async throws(LanguageModelError) -> ChatAnswer {
        self.requests.withLock { $0.append(request) }
        guard let text = self.reply(request) else { throw LanguageModelError(.timeout, "too slow") }
        return ChatAnswer(text: text, usage: TokenUsage(prompt: 1, answer: 1), finishReason: .stop, model: "m")
    }

    func stream(_ request: ChatRequest) -> ChatStream { ChatStream { () throws(LanguageModelError) in nil } }

    var roles: [String] { self.requests.withLock { $0.map(\.role.rawValue) } }
}

enum Said {
    static let values =
        "Honesty matters most to me, and my family; I tell the truth even when it is hard for everyone at the table."
    static let goals =
        "I want to open a small music school this year, and one day I hope to write a book about my teacher."
    static let style =
        "I like people to be direct but warm with me, with a joke now and then and no formal words between us please."
    static let life =
        "I grew up in Pune, my sister Asha taught me to read, and moving away at ten changed me more than anything."
    static let focus =
        "These days most of my time goes into the harmonium lessons that I give to children in the evening after work."
    static let all = [values, goals, style, life, focus]
}
