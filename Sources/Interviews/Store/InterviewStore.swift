import Foundation
import Synchronization

/// Keeps interviews and personas of users as files: `profiles/<user>/` below the data directory.
///
/// Each user's files are changed under a lock, against other processes too, and never across a call to a model: an interview
/// that is killed at any moment goes on with what was answered last.
public final class InterviewStore: Sendable {
    private let path: String
    private let queues = FileQueues()

    /// - Parameter directory: the data directory; made where it is not there.
    public init(directory: String) {
        self.path = directory
    }

    /// Reads what a user has; nothing is made.
    ///
    /// - Throws: `notFound` for a user who has nothing.
    func read<Value: Sendable>(
        _ user: String, _ body: @escaping @Sendable (Profile) throws(InterviewError) -> Value
    ) async throws(InterviewError) -> Value {
        let path = self.path
        return try await self.queues.run(for: user) { () throws(InterviewError) in
            let root = try Directory(path: path).directory(["profiles", Self.folder(of: user)])
            return try body(Profile(user: user, root: root))
        }
    }

    /// Changes what a user has, alone.
    ///
    /// - Parameter creating: makes the user's directory; else a user without one has nothing that could be changed.
    func change<Value: Sendable>(
        _ user: String, creating: Bool = false,
        _ body: @escaping @Sendable (Profile) throws(InterviewError) -> Value
    ) async throws(InterviewError) -> Value {
        let path = self.path
        return try await self.queues.run(for: user) { () throws(InterviewError) in
            if creating { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
            let root = try Directory(path: path).directory(
                ["profiles", Self.folder(of: user)], creating: creating)
            return try root.locked(".lock") { () throws(InterviewError) in
                try body(Profile(user: user, root: root))
            }
        }
    }

    /// Every user who has a directory.
    func users() async throws(InterviewError) -> [String] {
        let path = self.path
        return try await self.queues.run(for: "") { () throws(InterviewError) in
            do throws(InterviewError) {
                return try Directory(path: path).directory("profiles").names().compactMap(Self.user(of:))
            } catch {
                guard error.code == .notFound else { throw error }
                return []
            }
        }
    }

    /// A user's directory. Names may begin with dots, and `..` is a legal one.
    static func folder(of user: String) -> String { user.hasPrefix(".") ? "%2E" + user.dropFirst() : user }

    private static func user(of folder: String) -> String? {
        if folder.hasPrefix("%2E") { return "." + folder.dropFirst(3) }
        return folder.hasPrefix(".") ? nil : folder
    }
}
