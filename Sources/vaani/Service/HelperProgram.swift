import Foundation

/// Where the helper programs are.
struct HelperProgram {
    static let media = HelperProgram(name: "vaani-media")
    static let speech = HelperProgram(name: "vaani-speech")
    static let document = HelperProgram(name: "vaani-document")

    let name: String

    /// - Parameter directory: where to look; empty for beside this program.
    /// - Throws: 69, naming the path.
    func path(in directory: String) throws(CommandError) -> String {
        let folder = directory.isEmpty ? Self.ownDirectory : directory
        let path = "\(folder)/\(self.name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CommandError(
                .unavailable,
                "the helper program \(path) is not there; build it, or name its place with --workers-directory")
        }
        return path
    }

    /// The directory of this very executable, behind any symbolic link.
    static let ownDirectory: String = {
        let link =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: link).deletingLastPathComponent().path
    }()
}
