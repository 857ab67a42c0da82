import Foundation
import Gateway
import JSON
import Storage
import Studio

/// `vaani import`: takes over scenarios that an app kept by itself.
enum ImportCommand: Command {
    static let name = "import"
    static let summary = "Take over scenarios from a JSON dump of an app."
    static let usage = ["import FILE --user ID [--data-dir DIRECTORY]"]
    static let flags =
        [Flag("user", "ID", "Whose they will be.")] + Configuration.flags(for: ["data_dir"])
    static let details = [
        "The file holds an array of scenarios, or an object with one named scenarios. Scenarios keep their ids: those that are",
        "there already stay as they are, so that a dump can be taken twice. Exit code 65 where an entry was not taken.",
    ]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        guard let file = arguments.operands.first, arguments.operands.count == 1 else {
            throw CommandError(.usage, "one file says what to import")
        }
        guard let user = arguments.value("user").flatMap({ UserID($0) }) else {
            throw CommandError(.usage, "--user says whose the scenarios will be")
        }
        let dump = try self.read(file, user)
        let configuration = try Configuration.read(arguments, terminal)
        let store = try DataDirectory.open(DataDirectory.find(configuration.dataDirectory, terminal.environment))
        defer { store.close() }
        var taken = 0
        for scenario in dump.scenarios where try await self.keep(scenario, in: store) { taken += 1 }
        for rejection in dump.rejected {
            let reasons = rejection.violations.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
            terminal.print("entry \(rejection.index): not taken: \(reasons)")
        }
        terminal.print(
            "\(taken) taken, \(dump.scenarios.count - taken) there already, \(dump.rejected.count) not taken")
        return dump.rejected.isEmpty ? .success : .badData
    }

    private static func read(_ file: String, _ user: UserID) throws(CommandError) -> ScenarioDump {
        guard let bytes = try? [UInt8](Data(contentsOf: URL(fileURLWithPath: file))) else {
            throw CommandError(.badData, "\(file) cannot be read")
        }
        do throws(JSONError) {
            return try ScenarioDump(bytes, owner: user.rawValue, now: .now)
        } catch {
            throw CommandError(.badData, "\(file): \(error.description)")
        }
    }

    /// - Returns: false where it was there already.
    private static func keep(_ scenario: Scenario, in store: StudioDatabase) async throws(CommandError) -> Bool {
        do throws(StoreError) {
            _ = try await store.create(scenario, queueing: nil, answering: nil)
            return true
        } catch {
            if error.code == .exists { return false }
            throw CommandError(.cannotKeep, "data_dir: \(error.description)")
        }
    }
}
