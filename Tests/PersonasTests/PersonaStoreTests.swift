import Foundation
import Testing

@testable import Personas

@Suite struct PersonaStoreTests {
    private func astrologers(_ entries: String...) -> String {
        "{\"astrologers\":[\(entries.joined(separator: ","))]}"
    }

    private func entry(_ id: String, _ more: String = "") -> String {
        #"{"astrologer_id":"\#(id)","name":"\#(id)","speciality":"Vedic Love","language":"Hindi","system_prompt":"p"\#(more)}"#
    }

    @Test func `a bad entry is rejected by id, the rest load`() throws {
        let folder = try PersonaFolder([
            "astrologers.json": self.astrologers(
                self.entry("a"), self.entry("b", #","status":5"#), self.entry("a"), "7", self.entry("c"))
        ])
        let (store, report) = try folder.store()
        #expect(store.catalog.personas.map(\.id.rawValue) == ["a", "c"])
        #expect(
            report.rejected == [
                .init(id: "b", reason: "status must be a string"),
                .init(id: "a", reason: "the id occurs twice; the first one counts"),
                .init(id: "astrologers.json[3]", reason: "the entry is no object"),
            ])
    }

    @Test func `a new entry is there after a reload`() throws {
        let folder = try PersonaFolder(["astrologers.json": self.astrologers(self.entry("a"))])
        let (store, _) = try folder.store()
        let before = store.catalog
        try folder.write("astrologers.json", self.astrologers(self.entry("a"), self.entry("b")))
        #expect(store.reload() == ReloadReport(loaded: 2))
        #expect(store.catalog["b"] != nil)
        #expect(before["b"] == nil)
    }

    @Test(arguments: ["{", "[]", #"{"astrologers":{}}"#, #"{"astrologers":[]}"#, "\u{FFFF}", ""])
    func `a broken file leaves everything as it was`(text: String) throws {
        let folder = try PersonaFolder(["astrologers.json": self.astrologers(self.entry("a"))])
        let (store, _) = try folder.store()
        try folder.write("astrologers.json", text)
        let report = store.reload()
        #expect(!report.isInForce)
        #expect(report.loaded == 1)
        #expect(store.catalog["a"] != nil)
    }

    @Test func `scenarios load from a file each`() throws {
        let folder = try PersonaFolder([
            "scenarios/doctor.json":
                #"{"scenario_id":"doctor","title":"A visit","name":"Dr. Rao","language":"English","system_prompt":"p"}"#,
            "scenarios/broken.json": "{",
            "astrologers.json": self.astrologers(self.entry("a")),
        ])
        let (store, report) = try folder.store()
        #expect(store.catalog["doctor"]?.kind == .scenario)
        #expect(report.rejected == [.init(id: "scenarios/broken.json", reason: "the file is not one JSON object")])
    }

    @Test func `an alias is another name, and one that leads nowhere is told`() throws {
        let folder = try PersonaFolder([
            "astrologers.json": self.astrologers(self.entry("a")), "aliases.json": #"{"1":"a","2":"nobody"}"#,
        ])
        let (store, report) = try folder.store()
        #expect(store.catalog["1"]?.id.rawValue == "a")
        #expect(report.rejected == [.init(id: "2", reason: "the alias names no persona that was loaded")])
    }

    @Test func `without a folder or a persona there is no store`() throws {
        let empty = try PersonaFolder(["astrologers.json": "{"])
        #expect(throws: PersonaProblem.self) { try empty.store() }
        var report = ReloadReport()
        #expect(throws: PersonaProblem.self) { try PersonaStore(folder: "/nowhere/at/all", report: &report) }
    }
}

@Suite struct PersonaCatalogTests {
    private func catalog() throws -> PersonaCatalog {
        let personas = [
            try Persona.astrologer([
                "astrologer_id": "tina", "language": "Hindi", "gender": "Female", "speciality": "Vedic Marriage",
                "expertise_keywords": ["विवाह", "marriage", "kundli"],
            ]),
            try Persona.astrologer([
                "astrologer_id": "mohit", "gender": "Male", "expertise_keywords": ["marriage", "love"],
            ]),
            try Persona.astrologer(["astrologer_id": "gone", "status": "inactive", "expertise_keywords": ["love"]]),
            try Persona.astrologer([
                "astrologer_id": "closed", "availability": ["timezone": "UTC", "hours": "9am-10am"],
            ]),
        ]
        return PersonaCatalog(personas: personas, aliases: [:], conventions: PersonaConventions())
    }

    private func ids(_ change: (inout PersonaFilter) -> Void) throws -> [String] {
        var filter = PersonaFilter()
        change(&filter)
        return try self.catalog().filtered(filter).map(\.id.rawValue)
    }

    @Test func `a list shows the active ones unless it is asked for others`() throws {
        #expect(try self.ids { _ in } == ["tina", "mohit", "closed"])
        #expect(try self.ids { $0.status = "inactive" } == ["gone"])
        #expect(try self.ids { $0.status = "all" }.count == 4)
    }

    @Test func `filters combine`() throws {
        #expect(try self.ids { $0.language = "hindi" } == ["tina"])
        #expect(try self.ids { $0.language = "hi" } == ["tina"])
        #expect(try self.ids { $0.gender = "male" } == ["mohit"])
        #expect(try self.ids { $0.speciality = "vedic love" } == ["mohit", "closed"])
        #expect(try self.ids { $0.speciality = "vedic" } == [])
        #expect(try self.ids { $0.specialityContains = "vedic" }.count == 3)
        #expect(try self.ids { $0.text = "विवाह" } == ["tina"])
        #expect(
            try self.ids {
                $0.language = "Hindi"
                $0.gender = "Male"
            } == [])
    }

    @Test func `the most keywords win`() throws {
        #expect(
            try self.catalog().match("my kundli for marriage", kind: nil, language: nil)?.persona.id.rawValue == "tina")
        #expect(try self.catalog().match("Love marriages", kind: nil, language: nil)?.persona.id.rawValue == "mohit")
        #expect(try self.catalog().match("मेरा विवाह कब होगा", kind: nil, language: "Hindi")?.hits == ["विवाह"])
        #expect(try self.catalog().match("gloves", kind: nil, language: nil) == nil)
        #expect(try self.catalog().match("love", kind: nil, language: "Hindi") == nil)
    }

    @Test func `the summary counts`() throws {
        #expect(
            try self.catalog().summary(kind: .astrologer)
                == PersonaSummary(
                    total: 4, active: 3, specialities: ["Vedic Love", "Vedic Marriage"],
                    byLanguage: ["Hindi": 1, "English": 2]))
    }

    @Test func `nobody unknown, inactive or closed can be chosen`() throws {
        let catalog = try self.catalog()
        let noon = try Date("2026-03-02T12:00:00Z", strategy: .iso8601)
        #expect(throws: PersonaRefusalReason.notFound) { try catalog.choose("nobody", at: noon) }
        #expect(throws: PersonaRefusalReason.inactive) { try catalog.choose("gone", at: noon) }
        #expect(throws: PersonaRefusalReason.closed(opensAt: try Date("2026-03-03T09:00:00Z", strategy: .iso8601))) {
            try catalog.choose("closed", at: noon)
        }
        #expect(try catalog.choose("closed", at: nil).id.rawValue == "closed")
    }
}
