import Foundation
import JSON

/// Reads a folder of personas: `astrologers.json`, `scenarios/*.json` and `aliases.json`.
struct PersonaLibrary {
    // The largest catalogues in the field have some hundred entries of a few kilobytes.
    private static let maxFileBytes = 16 << 20

    private(set) var personas: [Persona] = []
    private(set) var aliases: [String: PersonaID] = [:]
    private(set) var conventions = PersonaConventions()
    private(set) var rejected: [ReloadReport.Rejection] = []
    /// A whole file could not be read: what is in force should stay.
    private(set) var isBroken = false
    private let folder: URL

    /// - Throws: if there is no such folder.
    init(reading folder: String) throws(PersonaProblem) {
        self.folder = URL(fileURLWithPath: folder, isDirectory: true)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw PersonaProblem("there is no folder \(folder)")
        }
        self.readAstrologers()
        self.readScenarios()
        self.readAliases()
    }

    var catalog: PersonaCatalog {
        PersonaCatalog(personas: self.personas, aliases: self.aliases, conventions: self.conventions)
    }

    private mutating func readAstrologers() {
        let name = "astrologers.json"
        self.reading(name) { (library, document) throws(PersonaProblem) in
            library.conventions = try PersonaConventions(document)
            guard let entries = document.value("astrologers")?.array else {
                throw PersonaProblem("astrologers must be an array")
            }
            for (index, entry) in entries.enumerated() {
                library.add(entry, kind: .astrologer, place: "\(name)[\(index)]")
            }
        }
    }

    private mutating func readScenarios() {
        let folder = self.folder.appendingPathComponent("scenarios").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            self.reading("scenarios/\(name)") { (library, document) throws(PersonaProblem) in
                library.add(.object(document.members), kind: .scenario, place: "scenarios/\(name)")
            }
        }
    }

    private mutating func readAliases() {
        let name = "aliases.json"
        self.reading(name) { (library, document) throws(PersonaProblem) in
            let known = Set(library.personas.map(\.id))
            for alias in document.members.keys.sorted() where !alias.hasPrefix("$") {
                guard let target = document.value(alias)?.string.flatMap({ PersonaID($0) }), known.contains(target)
                else {
                    library.reject(alias, "the alias names no persona that was loaded")
                    continue
                }
                library.aliases[alias] = target
            }
        }
    }

    private mutating func add(_ entry: JSONValue, kind: PersonaKind, place: String) {
        guard let members = entry.object else { return self.reject(place, "the entry is no object") }
        do throws(PersonaProblem) {
            let persona = try Persona(members, kind: kind)
            guard !self.personas.contains(where: { $0.id == persona.id }) else {
                throw PersonaProblem("the id occurs twice; the first one counts")
            }
            self.personas.append(persona)
        } catch {
            self.reject(Persona.claimedID(members, kind: kind) ?? place, error.description)
        }
    }

    private mutating func reject(_ id: String, _ reason: String) {
        self.rejected.append(ReloadReport.Rejection(id: String(id.prefix(128)), reason: reason))
    }

    /// A file that is not there is an empty one; one that cannot be used is told and marks the library as broken.
    private mutating func reading(
        _ name: String, _ body: (inout PersonaLibrary, PersonaEntry) throws(PersonaProblem) -> Void
    ) {
        do throws(PersonaProblem) {
            guard let document = try self.document(name) else { return }
            try body(&self, document)
        } catch {
            self.isBroken = true
            self.reject(name, error.description)
        }
    }

    private func document(_ name: String) throws(PersonaProblem) -> PersonaEntry? {
        let file = self.folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        guard let data = try? Data(contentsOf: file) else { throw PersonaProblem("the file cannot be read") }
        guard data.count <= Self.maxFileBytes else {
            throw PersonaProblem("the file of \(data.count) bytes exceeds \(Self.maxFileBytes)")
        }
        guard let members = (try? JSONValue(parsing: [UInt8](data)))?.object else {
            throw PersonaProblem("the file is not one JSON object")
        }
        return PersonaEntry(members: members)
    }
}
