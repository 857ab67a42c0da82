import JSON

/// `vaani jobs watch`: how prompts in the background come along.
enum JobsCommand: Command {
    static let name = "jobs"
    static let summary = "Watch prompts that are written in the background."
    static let usage = ["jobs watch ID"]
    static let flags = StudioClient.flags
    static let details =
        [
            "A bar on a terminal, a line for each persona in a pipe. Prints the results as JSON on standard output; ends with 1",
            "where a persona has failed.", "",
        ] + StudioClient.details

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        guard arguments.operands.first == "watch", arguments.operands.count == 2 else {
            throw CommandError(.usage, "which job? vaani jobs watch ID")
        }
        let id = arguments.operands[1]
        return try await StudioClient.with(arguments, terminal) { client throws(CommandError) in
            let state = try await client.get("/scenario/v2/job-status/\(id)")
            let total = state["persona_progress"]?.object?.count ?? 0
            let progress = try await JobWatch(client: client, terminal: terminal).watch(id, total: total)
            terminal.print(progress.results?.text ?? "")
            return progress.isGood ? .success : .checkFailed
        }
    }
}
