import Hashing
import JSON

/// What happened with a user's persona, one JSON object a line, each with the hash of the one before: a line that is changed,
/// taken out or put in shows. `audit-head.json` says how far the trail goes, so that a cut end shows as well.
struct AuditTrail {
    private static let fileName = "audit.jsonl"
    private static let headName = "audit-head.json"
    static let category = "persona_generation"
    private static let origin = String(repeating: "0", count: 64)

    private let user: String
    private let root: Directory

    init(user: String, root: Directory) {
        self.user = user
        self.root = root
    }

    private func folder(creating: Bool) throws(InterviewError) -> Directory? {
        do throws(InterviewError) {
            return try self.root.directory(["memory", "logs"], creating: creating)
        } catch {
            guard error.code == .notFound, !creating else { throw error }
            return nil
        }
    }

    func append(_ event: InterviewEvent, at now: Timestamp) throws(InterviewError) {
        guard let folder = try self.folder(creating: true) else { return }
        let last = try self.last(in: folder)
        let sequence = last.sequence + 1
        var members: [String: JSONValue] = [
            "seq": .integer(sequence), "at": .string(now.description), "category": .string(Self.category),
            "event": .string(event.name), "level": "info", "actor": .string(self.user),
            "details": .object(event.details), "prev": .string(last.hash),
        ]
        members["sessionId"] = event.sessionID.map { .string($0.rawValue) }
        let hash = SHA256.hex(JSONValue.object(members).encoded)
        members["hash"] = .string(hash)
        try folder.append(Self.fileName, line: JSONValue.object(members).encoded)
        try folder.write(
            Self.headName, PrettyJSON.bytes(["seq": .integer(sequence), "hash": .string(hash)]))
    }

    /// The end of the trail: the head's, or, where the process ended between the two, one line further.
    private func last(in folder: Directory) throws(InterviewError) -> (sequence: Int, hash: String) {
        let bytes = try folder.readIfThere(Self.fileName) ?? []
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        let whole = bytes.last == UInt8(ascii: "\n") ? lines[...] : lines.dropLast()
        guard let line = whole.last, let event = try? JSONValue(parsing: Array(line)),
            let sequence = event["seq"]?.integer, let hash = event["hash"]?.string
        else { return (0, Self.origin) }
        return (sequence, hash)
    }

    /// Every event; one that cannot be read is left out.
    func events() throws(InterviewError) -> [JSONValue] {
        guard let bytes = try self.folder(creating: false)?.readIfThere(Self.fileName) else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: Array($0)) }
    }

    /// The first thing that is wrong with the trail; nil where all is well.
    func fault() throws(InterviewError) -> String? {
        guard let folder = try self.folder(creating: false) else { return nil }
        let bytes = try folder.readIfThere(Self.fileName) ?? []
        var previous = Self.origin
        var hashes: [String] = []
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard var members = (try? JSONValue(parsing: Array(line)))?.object else {
                return "line \(index + 1) is no JSON object"
            }
            let hash = members.removeValue(forKey: "hash")?.string
            guard members["seq"]?.integer == index + 1 else { return "line \(index + 1) has another number" }
            guard members["prev"]?.string == previous else { return "line \(index + 1) does not follow the one before" }
            guard let hash, hash == SHA256.hex(JSONValue.object(members).encoded) else {
                return "line \(index + 1) was changed"
            }
            previous = hash
            hashes.append(hash)
        }
        return try self.headFault(hashes, in: folder)
    }

    private func headFault(_ hashes: [String], in folder: Directory) throws(InterviewError) -> String? {
        let head = try folder.readIfThere(Self.headName).flatMap { try? JSONValue(parsing: $0) }
        guard let sequence = head?["seq"]?.integer else { return hashes.count < 2 ? nil : "its head is missing" }
        // The head is written behind its line: a process that ended between the two left one more.
        guard (sequence...(sequence + 1)).contains(hashes.count), sequence > 0 else {
            return "\(hashes.count) lines are there, \(sequence) were written"
        }
        return hashes[sequence - 1] == head?["hash"]?.string ? nil : "line \(sequence) is not the one that was written"
    }
}
