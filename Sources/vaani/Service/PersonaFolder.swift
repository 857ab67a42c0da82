import Foundation

/// Where the personas are, when nobody says.
enum PersonaFolder {
    /// - Parameter setting: the setting `personas`; empty to look in the usual places.
    /// - Throws: 78 where there is no such directory, 77 where it may not be read.
    static func find(_ setting: String) throws(CommandError) -> String {
        let candidates = setting.isEmpty ? self.usualPlaces : [setting]
        let files = FileManager.default
        for path in candidates {
            var isDirectory = ObjCBool(false)
            guard files.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else { continue }
            guard files.isReadableFile(atPath: path) else {
                throw CommandError(.noPermission, "personas: \(path) may not be read")
            }
            return path
        }
        throw CommandError(
            .configuration,
            setting.isEmpty
                ? "personas: none of \(candidates.joined(separator: ", ")) is there; name a directory with --personas"
                : "personas: there is no directory \(setting)")
    }

    /// Beside a checkout's current directory, beside an installed program, and the system's.
    private static var usualPlaces: [String] {
        [
            "personas", "\(HelperProgram.ownDirectory)/../share/vaani/personas", "/usr/local/share/vaani/personas",
            "/usr/share/vaani/personas",
        ]
    }
}
