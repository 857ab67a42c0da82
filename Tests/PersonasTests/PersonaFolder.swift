import Foundation
import JSON

@testable import Personas

/// A folder of persona files that lives as long as a test.
final class PersonaFolder {
    let path: String

    init(_ files: [String: String]) throws {
        self.path = FileManager.default.temporaryDirectory.appendingPathComponent("personas-\(UUID().uuidString)").path
        for (name, text) in files { try self.write(name, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func write(_ name: String, _ text: String) throws {
        let file = URL(fileURLWithPath: self.path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func store() throws -> (PersonaStore, ReloadReport) {
        var report = ReloadReport()
        return (try PersonaStore(folder: self.path, report: &report), report)
    }
}

extension Persona {
    /// An astrologer with as little as one needs, and whatever a test adds.
    static func astrologer(_ changes: [String: JSONValue] = [:]) throws -> Persona {
        let least: [String: JSONValue] = [
            "astrologer_id": "asha", "name": "Asha", "speciality": "Vedic Love", "language": "English",
            "system_prompt": "You are Asha.",
        ]
        return try Persona(least.merging(changes) { $1 }, kind: .astrologer)
    }
}
