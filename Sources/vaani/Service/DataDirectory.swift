import Storage

/// Where scenarios and the like are kept, when nobody says.
enum DataDirectory {
    /// - Parameter setting: the setting `data_dir`; empty for the place that the system provides.
    static func find(_ setting: String, _ environment: [String: String]) throws(CommandError) -> String {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if !setting.isEmpty { return setting }
        // systemd names several with colons between.
        if let state = variable("STATE_DIRECTORY")?.split(separator: ":").first { return String(state) }
        if let data = variable("XDG_DATA_HOME") { return data + "/vaani" }
        if let home = variable("HOME") { return home + "/.local/share/vaani" }
        throw CommandError(.configuration, "data_dir: there is no home directory; name one with --data-dir")
    }

    /// - Throws: 73 with one line where nothing can be kept there.
    static func open(_ directory: String) throws(CommandError) -> StudioDatabase {
        do throws(DatabaseError) {
            return try StudioDatabase(directory: directory)
        } catch {
            throw CommandError(.cannotKeep, "data_dir: nothing can be kept in \(directory): \(error.message)")
        }
    }
}
