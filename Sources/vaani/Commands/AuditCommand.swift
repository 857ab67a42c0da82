import Interviews

/// `vaani audit`: says whether anybody has changed what the audit of personas tells.
enum AuditCommand: Command {
    static let name = "audit"
    static let summary = "Check the hash chains of the audit of personas."
    static let usage = ["audit check [--user ID]"]
    static let flags =
        [Flag("user", "ID", "Of this user alone.")] + Configuration.flags(for: ["personas", "data_dir"])
    static let details = ["Exit code 0 where every chain is whole, 1 where a line was changed, taken out or cut off."]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        guard arguments.operands == ["check"] else { throw CommandError(.usage, "audit takes one word: check") }
        let configuration = try Configuration.read(arguments, terminal)
        let folder = try DataDirectory.find(configuration.dataDirectory, terminal.environment)
        let service = try InterviewService(configuration, dataDirectory: folder, models: nil)
        do throws(InterviewError) {
            let faults = try await service.auditFaults(of: arguments.value("user"))
            for fault in faults { terminal.print("\(fault.user): \(fault.fault)") }
            if faults.isEmpty { terminal.print("audit: whole") }
            return faults.isEmpty ? .success : .checkFailed
        } catch {
            throw error.forCommand
        }
    }
}
