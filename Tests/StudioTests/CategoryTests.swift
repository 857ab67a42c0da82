import Foundation
import JSON
import Testing

@testable import Studio

@Suite struct CategoryTests {
    private func choice(_ answer: [String]?, _ archetype: String = "HELP_SEEKING") -> CategoryChoice {
        CategoryChoice(answer, library: Scenes.library, archetype: archetype)
    }

    @Test func `S1-1 … S1-16: the library has sixteen categories with 111 fields`() throws {
        #expect(
            Scenes.library.core.map(\.name) == [
                "professional_context", "medical_philosophy", "family_context", "health_context", "financial_context",
                "time_constraints", "sales_rep_history", "past_experiences", "social_context", "lifestyle_context",
                "anxiety_factors", "work_relationships", "incident_context", "emotional_state", "decision_criteria",
                "research_behavior",
            ])
        #expect(Scenes.library.core.reduce(0) { $0 + $1.exampleFields.count } == 111)
        let family = try #require(Scenes.library["family_context"])
        #expect(family.exampleFields.first == "marital_status" && family.exampleFields.last == "family_pressures")
        #expect(Scenes.library.core.allSatisfy { !$0.description.isEmpty && !$0.whenRelevant.isEmpty })
    }

    @Test func `S1-72 C-8: organizational_context is a category of the extension folder alone`() {
        #expect(Scenes.library.extensions.map(\.name) == ["organizational_context"])
        #expect(Scenes.library["organizational_context"] != nil)
        #expect(CategoryLibrary(core: Scenes.library.core)["organizational_context"] == nil)
    }

    @Test(arguments: [
        "```json\n[\"family_context\", \"health_context\"]\n```", "```\n[\"family_context\", \"health_context\"]\n```",
        "[\"family_context\",\"health_context\"]", "Here you are [1]: [\"family_context\", \"health_context\"]. Done.",
    ])
    func `S1-38: an array is found in a fence and in prose`(_ answer: String) {
        #expect(CategoryChoice.parse(answer) == ["family_context", "health_context"])
    }

    @Test(arguments: ["", "none of them", "{\"a\": 1}", "[", "[]", "[1, 2]", "]["])
    func `S1-38: what holds no array of names is none`(_ answer: String) {
        #expect(CategoryChoice.parse(answer) == nil)
    }

    @Test func `S1-39: a name that the library does not have is dropped`() {
        let choice = self.choice(["astro_context", "family_context", "health_context", "anxiety_factors"])
        #expect(choice.names == ["family_context", "health_context", "anxiety_factors"])
        #expect(choice.unknown == ["astro_context"])
    }

    @Test func `S1-40: twelve names become eight, one becomes three, and none comes twice`() {
        let all = Scenes.library.core.map(\.name)
        #expect(self.choice(Array(all.prefix(12))).names == Array(all.prefix(8)))
        #expect(
            self.choice(["family_context"]).names == ["family_context", "professional_context", "time_constraints"])
        #expect(
            self.choice(["family_context", "Family_Context ", "health_context", "family_context", "anxiety_factors"])
                .names == ["family_context", "health_context", "anxiety_factors"])
    }

    @Test func `S1-42: whoever is to be persuaded has criteria, also where eight are taken`() {
        let all = Scenes.library.core.map(\.name)
        let eight = self.choice(Array(all.prefix(8)), "PERSUASION_SALES").names
        #expect(eight.count == 8 && eight.last == "decision_criteria" && eight.dropLast() == all.prefix(7))
        let three = self.choice(["family_context", "health_context", "anxiety_factors"], "PERSUASION").names
        #expect(three == ["family_context", "health_context", "anxiety_factors", "decision_criteria"])
    }

    @Test func `S1-43: without an answer it is exactly the three`() {
        #expect(self.choice(nil).names == ["professional_context", "time_constraints", "decision_criteria"])
    }

    @Test func `a file of categories that is broken is told and leaves the others`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: folder + "/detail-categories.d", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: "personas/detail-categories.json", toPath: folder + "/detail-categories.json")
        for (name, text) in [("a.json", "{"), ("b.json", #"{"categories": [{"name": "x y"}]}"#)] {
            try text.write(toFile: "\(folder)/detail-categories.d/\(name)", atomically: true, encoding: .utf8)
        }
        var problems: [CategoryProblem] = []
        let library = try CategoryLibrary(folder: folder, problems: &problems)
        #expect(library.core.count == 16 && library.extensions.isEmpty)
        #expect(problems.map { $0.description.prefix(6) } == ["a.json", "b.json"])
        #expect(throws: CategoryProblem.self) { try CategoryLibrary(folder: folder + "/none", problems: &problems) }
    }
}
