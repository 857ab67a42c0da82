import Foundation
import JSON

/// The files of one user, open for one piece of work on a file queue.
struct Profile {
    let user: String
    private let root: Directory

    init(user: String, root: Directory) {
        self.user = user
        self.root = root
    }

    private func interviews(creating: Bool = false) throws(InterviewError) -> Directory {
        try self.root.directory(["persona", "interviews"], creating: creating)
    }

    // MARK: Sessions

    func session(_ id: InterviewID) throws(InterviewError) -> InterviewSession {
        let bytes: [UInt8]
        do throws(InterviewError) {
            bytes = try self.interviews().read(id.fileName)
        } catch {
            throw error.code == .notFound ? .noSuchInterview : error
        }
        guard let session = try? JSONDecoder().decode(InterviewSession.self, from: Data(bytes)), session.sessionId == id
        else { throw InterviewError(.unavailable, "the file of interview \(id) is damaged") }
        return session
    }

    /// An id of this second that no interview of the user has.
    func newID(at date: Date) throws(InterviewError) -> InterviewID {
        let folder = try self.interviews(creating: true)
        for copy in 1...9_999 {
            let id = InterviewID(date, copy: copy)
            // A discarded transcript leaves its name in the index: an id is never given twice.
            if !folder.has(id.fileName), !folder.has(id.rawValue), try self.index().entry(id) == nil { return id }
        }
        throw InterviewError(.unavailable, "too many interviews begin in one second")
    }

    /// Keeps a session and its line in the index. A new one is in the index first: what the index has and the folder has
    /// not is found at once, the other way round only by a search.
    func save(_ session: InterviewSession) throws(InterviewError) {
        let folder = try self.interviews(creating: true)
        let bytes = try JSONFile.bytes(session)
        var index = try self.index()
        let isNew = index.entry(session.sessionId) == nil
        index.put(session)
        if isNew { try folder.write(InterviewIndex.fileName, JSONFile.bytes(index)) }
        try folder.write(session.sessionId.fileName, bytes)
        if !isNew { try folder.write(InterviewIndex.fileName, JSONFile.bytes(index)) }
    }

    /// Takes out the transcript; the index remembers that there was one.
    func removeTranscript(_ id: InterviewID) throws(InterviewError) {
        try self.interviews().remove(id.fileName)
    }

    func hasTranscript(_ id: InterviewID) -> Bool { (try? self.interviews().has(id.fileName)) ?? false }

    /// The index; made anew where it is missing, damaged, or behind what is there.
    func index() throws(InterviewError) -> InterviewIndex {
        let folder: Directory
        do throws(InterviewError) {
            folder = try self.interviews()
        } catch {
            guard error.code == .notFound else { throw error }
            return InterviewIndex()
        }
        if let bytes = try folder.readIfThere(InterviewIndex.fileName),
            let index = try? JSONDecoder().decode(InterviewIndex.self, from: Data(bytes)),
            index.latest.map({ folder.has($0.fileName) || index.entry($0)?.status == .aborted }) ?? true
        {
            return index
        }
        return try self.rebuildIndex(folder)
    }

    private func rebuildIndex(_ folder: Directory) throws(InterviewError) -> InterviewIndex {
        var index = InterviewIndex()
        for name in try folder.names() {
            // Left by a process that was killed.
            if name.hasPrefix("."), name.hasSuffix(".tmp") { try? folder.remove(name) }
            guard let id = InterviewID(fileName: name), let session = try? self.session(id) else { continue }
            index.put(session)
        }
        if !index.sessions.isEmpty { try folder.write(InterviewIndex.fileName, JSONFile.bytes(index)) }
        return index
    }

    /// The interview that goes on, if one does.
    func active() throws(InterviewError) -> InterviewSession? {
        for entry in try self.index().sessions.reversed() where entry.status == .active {
            if let session = try? self.session(entry.sessionId), session.status == .active { return session }
        }
        return nil
    }

    func archive(_ id: InterviewID) throws(InterviewError) {
        let folder = try self.interviews()
        try folder.move(id.fileName, to: try folder.directory("archive", creating: true))
    }

    // MARK: Summaries

    func summary(_ id: InterviewID) throws(InterviewError) -> [UInt8] {
        do throws(InterviewError) {
            return try self.interviews().directory(id.rawValue).read("summary.json")
        } catch {
            throw error.code == .notFound ? InterviewError(.notFound, "the interview has no summary yet") : error
        }
    }

    /// Written once: whoever comes second finds the first one's.
    func writeSummary(_ id: InterviewID, _ bytes: [UInt8]) throws(InterviewError) -> [UInt8] {
        let folder = try self.interviews(creating: true).directory(id.rawValue, creating: true)
        if let present = try folder.readIfThere("summary.json") { return present }
        try folder.write("summary.json", bytes, mode: 0o444)
        return bytes
    }

    // MARK: The persona

    static let coreName = "core.json"

    /// A file of the persona as it is; nil where there is none.
    func persona(_ name: String) throws(InterviewError) -> [UInt8]? {
        do throws(InterviewError) {
            return try self.root.directory("persona").readIfThere(name)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    func writePersona(_ name: String, _ bytes: [UInt8]) throws(InterviewError) {
        try self.root.directory("persona", creating: true).write(name, bytes)
    }

    /// Keeps a file of the persona as it is before a change.
    func backUp(_ name: String, _ bytes: [UInt8], at now: Timestamp) throws(InterviewError) {
        let folder = try self.root.directory(["persona", "backups"], creating: true)
        let stem = name.replacing(".json", with: "")
        let time = now.description.replacing(":", with: "-")
        try folder.write("\(stem)-\(time).json", bytes)
    }

    // MARK: What others read

    private func memory(_ names: [String], creating: Bool) throws(InterviewError) -> Directory {
        try self.root.directory(["memory"] + names, creating: creating)
    }

    func log(_ line: JSONValue) throws(InterviewError) {
        try self.memory(["logs"], creating: true).append("persona-generation.log", line: line.encoded)
    }

    var audit: AuditTrail { AuditTrail(user: self.user, root: self.root) }

    func writeTraining(_ id: InterviewID, _ bytes: [UInt8]) throws(InterviewError) {
        try self.memory(["training", "persona"], creating: true).write("\(id).json", bytes)
    }

    /// The interviews whose user agreed, in the order of time.
    func training() throws(InterviewError) -> [JSONValue] {
        let folder: Directory
        do throws(InterviewError) {
            folder = try self.memory(["training", "persona"], creating: false)
        } catch {
            guard error.code == .notFound else { throw error }
            return []
        }
        var sessions: [JSONValue] = []
        for name in try folder.names() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            guard let bytes = try folder.readIfThere(name), let session = try? JSONValue(parsing: bytes) else {
                continue
            }
            sessions.append(session)
        }
        return sessions
    }
}

/// JSON files of ours: over lines, keys sorted.
enum JSONFile {
    static func bytes(_ value: some Encodable) throws(InterviewError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            throw InterviewError(.unavailable, "the document cannot be written as JSON")
        }
        return [UInt8](data) + [UInt8(ascii: "\n")]
    }

    /// The same as a value.
    static func json(_ value: some Encodable) -> JSONValue {
        (try? JSONValue(parsing: self.bytes(value))) ?? .null
    }
}
