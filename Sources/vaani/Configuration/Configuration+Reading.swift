extension Configuration {
    /// The flags of a command that can be configured whole.
    static var flags: [Flag] {
        [ConfigurationReader.fileFlag, ConfigurationReader.printFlag]
            + self.settings.map { Flag($0.flag, $0.value, "\($0.sentence) \($0.defaultNote)") }
    }

    /// The file, and the flags of a few settings.
    static func flags(for keys: Set<String>) -> [Flag] {
        [ConfigurationReader.fileFlag]
            + self.settings.filter { keys.contains($0.key) }.map {
                Flag($0.flag, $0.value, "\($0.sentence) \($0.defaultNote)")
            }
    }

    /// Reads flags, environment and file.
    ///
    /// - Throws: exit code 78 with every fault, each naming its key.
    static func read(_ arguments: Arguments, _ terminal: Terminal) throws(CommandError) -> Configuration {
        do throws(ConfigurationError) {
            return try ConfigurationReader(environment: terminal.environment).read(arguments)
        } catch {
            throw CommandError(.configuration, error.description)
        }
    }
}

extension Setting {
    /// `[127.0.0.1:8000]`, or nothing where the default is empty.
    fileprivate var defaultNote: String {
        let text = self.show(Configuration())
        return text.isEmpty ? "" : "[\(text)]"
    }
}
