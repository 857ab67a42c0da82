import Foundation
import JSON

/// The roles that models play, as their files say: `roles/<role>.json` with what a role may do, `roles/<role>.md` with its
/// system prompt. Read for each use, so that a change counts at once.
public struct InterviewRoles: Sendable {
    public struct Role: Sendable, Equatable {
        public var name: String
        public var allowsTools: Bool
        public var allowsReasoning: Bool
        /// May read and write interviews and personas of users.
        public var mayUseInterviews: Bool
        /// What it can be asked for, such as `analysis`.
        public var tasks: [String]
    }

    private let folder: String

    /// - Parameter folder: the folder of the personas.
    public init(folder: String) { self.folder = folder }

    private func bytes(_ name: String) -> [UInt8]? {
        (try? Data(contentsOf: URL(fileURLWithPath: "\(self.folder)/\(name)"))).map { [UInt8]($0) }
    }

    /// The plan of interviews to begin.
    public func plan() throws(InterviewError) -> InterviewPlan {
        guard let bytes = self.bytes("interview-plan.json") else {
            throw InterviewError(.unusable, "interview-plan.json is not among the personas")
        }
        return try InterviewPlan(reading: bytes)
    }

    /// A role's system prompt; empty where it has none.
    public func prompt(_ role: String) -> String {
        self.bytes("roles/\(role).md").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    public func role(_ name: String) -> Role? {
        let isPlain = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        guard isPlain, let file = self.bytes("roles/\(name).json").flatMap({ try? JSONValue(parsing: $0) }) else {
            return nil
        }
        return Role(
            name: name, allowsTools: file["allow_tools"]?.bool ?? false,
            allowsReasoning: file["allow_reasoning"]?.bool ?? false,
            mayUseInterviews: file["may_use_interviews"]?.bool ?? false,
            tasks: file["tasks"]?.array?.compactMap(\.string) ?? [])
    }

    /// The role that a task is given to.
    public func role(forTask task: String) -> Role? {
        ["psychotherapist", "curator"].lazy.compactMap { self.role($0) }.first { $0.tasks.contains(task) }
    }

    /// - Throws: `forbidden` for a role without the flag.
    func requireInterviews(_ name: String) throws(InterviewError) {
        guard self.role(name)?.mayUseInterviews == true else {
            throw InterviewError(.forbidden, "the role \(name) may not use interviews")
        }
    }
}
