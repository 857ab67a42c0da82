import Personas

/// `vaani check`: says before a start what a start would complain about.
enum CheckCommand: Command {
    static let name = "check"
    static let summary = "Check the configuration and the personas without starting."
    static let usage = ["check [--personas DIRECTORY] [OPTION …]"]
    static let flags = Configuration.flags
    static let details = ["Exit code 0 where all is well, 1 where a persona was rejected, 78 where a start would fail."]

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let configuration = try Configuration.read(arguments, terminal)
        _ = try configuration.gatewayConfiguration
        terminal.print("configuration: good")
        for line in configuration.models?.lines ?? [] { terminal.print("model for \(line)") }
        if let provider = configuration.providerSettings {
            terminal.print("provider: \(provider.profile.name) at \(provider.url)")
        }
        var report = ReloadReport()
        let catalog = try PersonaStore.open(configuration, &report).catalog
        for persona in catalog.personas {
            for warning in catalog.compile(persona).warnings { terminal.print("\(persona.id): note: \(warning)") }
        }
        for rejection in report.rejected { terminal.print("\(rejection.id): rejected: \(rejection.reason)") }
        terminal.print("personas: \(report.loaded) good, \(report.rejected.count) rejected")
        _ = try HelperProgram.media.path(in: configuration.workersDirectory)
        if configuration.usesEmbeddedEngine { _ = try HelperProgram.speech.path(in: configuration.workersDirectory) }
        terminal.print("helper programs: there")
        let reads = (try? HelperProgram.document.path(in: configuration.workersDirectory)) != nil
        terminal.print(
            "documents: text and Markdown" + (reads ? ", PDF and DOCX" : "; no PDF and DOCX without vaani-document"))
        let dataDirectory = try DataDirectory.find(configuration.dataDirectory, terminal.environment)
        try DataDirectory.open(dataDirectory).close()
        terminal.print("data: can be kept in \(dataDirectory)")
        return report.rejected.isEmpty ? .success : .checkFailed
    }
}
