import Foundation
import JSON
import Transport

/// `vaani personas generate`: somebody to talk with, out of a document.
enum PersonasCommand: Command {
    static let name = "personas"
    static let summary = "Make personas out of a scenario document."
    static let usage = ["personas generate --scenario FILE [--mode assess_mode] [--count N]"]
    static let flags =
        [
            Flag("scenario", "FILE", "The document: text, Markdown, PDF or DOCX."),
            Flag("mode", "MODE", "learn_mode, assess_mode or try_mode. [assess_mode]"),
            Flag("count", "N", "Personas, 1 to 20, each another person. [1]"),
            Flag("gender", "GENDER", "Theirs; the document's where not given."),
            Flag("prompt", "TEXT", "Wishes for their details."),
        ] + StudioClient.flags
    static let details =
        [
            "Prints the id and name of each persona on standard output, the progress on standard error.",
            "Talk with one: vaani talk --persona ID", "",
        ] + StudioClient.details

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        guard arguments.operands.first == "generate" else {
            throw CommandError(.usage, "what should be done with personas? There is: vaani personas generate")
        }
        try arguments.requireOperands(atMost: 1)
        guard let path = arguments.value("scenario") else { throw CommandError(.usage, "--scenario FILE is needed") }
        guard let document = FileManager.default.contents(atPath: path) else {
            throw CommandError(.badData, "\(path) cannot be read")
        }
        let count = try arguments.number("count", 1...20) ?? 1
        return try await StudioClient.with(arguments, terminal) { client throws(CommandError) in
            let template = try await self.analyze([UInt8](document), path, client, terminal)
            let people = try await self.people(count, template, arguments, client, terminal)
            return try await self.prompts(people, template, arguments, client, terminal)
        }
    }

    private static func analyze(
        _ document: [UInt8], _ path: String, _ client: StudioClient, _ terminal: Terminal
    ) async throws(CommandError) -> String {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        var form = MultipartForm()
        form.add("template_name", name)
        // What it is, its bytes say.
        form.add("scenario_document", file: name, type: "application/octet-stream", content: document)
        let answer = try await client.post("/analyze-scenario-enhanced", form: form)
        guard let id = answer["template_id"]?.string else { throw self.strange }
        let archetype = answer["template_data"]?["archetype_classification"]?["primary_archetype"]?.string ?? "?"
        terminal.note("template \(id): \(archetype)")
        return id
    }

    private static func people(
        _ count: Int, _ template: String, _ arguments: Arguments, _ client: StudioClient, _ terminal: Terminal
    ) async throws(CommandError) -> [(id: String, name: String)] {
        var body: [String: JSONValue] = [
            "template_id": .string(template), "count": .integer(count),
            "mode": .string(arguments.value("mode") ?? "assess_mode"),
        ]
        body["gender"] = arguments.value("gender").map { .string($0) }
        body["prompt"] = arguments.value("prompt").map { .string($0) }
        let answer = try await client.post("/scenario/generate-personas", .object(body))
        return (answer["personas"]?.array ?? []).compactMap { persona in
            guard let id = persona["id"]?.string else { return nil }
            let details = (persona["detail_categories_included"]?.array ?? []).compactMap(\.string)
            terminal.note("\(persona["name"]?.string ?? id): \(details.joined(separator: ", "))")
            return (id, persona["name"]?.string ?? "")
        }
    }

    private static func prompts(
        _ people: [(id: String, name: String)], _ template: String, _ arguments: Arguments, _ client: StudioClient,
        _ terminal: Terminal
    ) async throws(CommandError) -> ExitCode {
        let mode = JSONValue.string(arguments.value("mode") ?? "assess_mode")
        let mapping = Dictionary(people.map { ($0.id, mode) }, uniquingKeysWith: { $1 })
        let job = try await client.post(
            "/scenario/v2/generate-final-prompts",
            [
                "template_id": .string(template), "persona_ids": .array(people.map { .string($0.id) }),
                "mode_mapping": .object(mapping),
            ])
        guard let id = job["job_id"]?.string else { throw self.strange }
        let progress = try await JobWatch(client: client, terminal: terminal).watch(id, total: people.count)
        for person in people { terminal.print("\(person.id)\t\(person.name)") }
        return progress.isGood ? .success : .checkFailed
    }

    private static let strange = CommandError(.unavailable, "the gateway answered what no vaani answers")
}
