import Hashing
import JSON

/// `persona/core.json` as it is on the disk.
public struct PersonaCore: Sendable, Equatable {
    /// As written; the bytes of an empty object where there is no file yet.
    public var bytes: [UInt8]
    public var exists: Bool

    /// Names this very content: the value of its ETag.
    public var version: String { self.exists ? String(SHA256.hex(self.bytes).prefix(32)) : "none" }

    public var json: JSONValue { (try? JSONValue(parsing: self.bytes)) ?? [:] }

    init(_ bytes: [UInt8]?) {
        self.bytes = bytes ?? PrettyJSON.bytes([:])
        self.exists = bytes != nil
    }
}

/// What an apply would write, and what it would change.
struct PersonaChange: Sendable {
    var core: [UInt8]
    var cache: [UInt8]?
    var relationships: [UInt8]?
    var difference: PersonaDifference

    /// - Throws: `unusable` where the core is no JSON object.
    init(_ draft: PersonaDraft, in profile: Profile) throws(InterviewError) {
        let core = PersonaCore(try profile.persona(Profile.coreName))
        let merge = PersonaMerge(draft: draft)
        var splice = try JSONSplice(core.bytes)
        let now = core.json
        var changes: [PersonaDifference.Change] = []
        for path in PersonaMerge.paths {
            let old = path.reduce(now as JSONValue?) { $0?[$1] }
            guard let new = merge.value(at: path, now: old) else { continue }
            changes += PersonaDifference.changes(path.joined(separator: "."), old, new)
            if new != old { try splice.set(path, to: new) }
        }
        self.core = splice.text
        (self.cache, self.relationships) = (nil, nil)
        self.difference = PersonaDifference(
            changes: changes, text: UnifiedDiff.text(core.bytes, splice.text, name: "persona/core.json"))
        self.cache = try self.side("cache", profile) { merge.cache($0) }
        self.relationships = try self.side("relationships", profile) { merge.relationships($0) }
    }

    /// A file beside the core; nil where nothing in it changes.
    private mutating func side(
        _ name: String, _ profile: Profile, _ merged: (JSONValue?) -> JSONValue?
    ) throws(InterviewError) -> [UInt8]? {
        let old = try profile.persona(name + ".json").flatMap { try? JSONValue(parsing: $0) }
        guard let new = merged(old) else { return nil }
        self.difference.changes += PersonaDifference.changes(name, old, new)
        return new == old ? nil : PrettyJSON.bytes(new)
    }
}
