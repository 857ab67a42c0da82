import Foundation
import Personas
import Storage
import Studio

// Keeps scenarios one after the other for ever and prints each id once the store has acknowledged it. A script kills it
// in the middle and counts what is there: see Tests/Interop/crash-safety.
//
//   storage-writer DIRECTORY            writes
//   storage-writer DIRECTORY --list     prints the ids that are kept, and dies of a store that is damaged

// Longer than a page of the file, so that a torn write would show.
let prompt = String(repeating: "आप मदद करते हैं। ", count: 200)

func makeScenario(_ number: Int) -> Scenario {
    let now = Date()
    var config = PersonaConfig()
    config.systemPrompt = prompt
    let persona = PersonaRecord(
        id: PersonaRecord.newID(), owner: "writer", kind: .scenario, config: config, createdAt: now, updatedAt: now)
    return Scenario(
        id: .new("scn"), owner: "writer",
        details: ScenarioDetails(
            title: "Scenario \(number)", description: "written by a test", category: .leadership, duration: 15),
        persona: persona, createdAt: now, updatedAt: now)
}

func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

func write(to store: StudioDatabase, as writer: Int) async throws {
    var number = 0
    while true {
        let scenario = makeScenario(number)
        _ = try await store.create(scenario, queueing: nil, answering: nil)
        say(scenario.id.rawValue)
        number += 1
        if number % 3 == 0 {
            // Replacing and deleting are acknowledged like making.
            var changed = scenario
            changed.details.title = "Changed \(writer) \(number)"
            _ = try await store.replace(changed, queueing: nil, version: 1)
        }
    }
}

func list(_ store: StudioDatabase) async throws {
    var window = PageWindow(count: PageWindow.maxCount)
    repeat {
        var query = ScenarioQuery(owner: "writer")
        query.window = window
        let page = try await store.scenarios(query)
        for scenario in page.items {
            precondition(scenario.persona.config.systemPrompt == prompt, "a scenario lacks a part of its persona")
            say(scenario.id.rawValue)
        }
        window.after = page.next
    } while window.after != nil
}

let arguments = CommandLine.arguments
guard arguments.count >= 2 else { exit(64) }
let store = try StudioDatabase(directory: arguments[1])
try await store.backfill()
if arguments.contains("--list") {
    try await list(store)
    store.close()
} else {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 { group.addTask { try await write(to: store, as: writer) } }
        try await group.waitForAll()
    }
}
