import Engine
import Foundation

/// `vaani engine --replay FILE`: plays a recording into a fresh session, and says whether it went the same way.
struct RecordingPlayer {
    private static let maxBytes = 128 << 20

    private let file: String
    private let replay: RecordingReplay
    private let terminal: Terminal

    init(file: String, _ terminal: Terminal) throws(CommandError) {
        self.file = file
        self.terminal = terminal
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw CommandError(.badData, "\(file) cannot be read")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: Self.maxBytes + 1), data.count <= Self.maxBytes else {
            throw CommandError(.badData, "\(file) is no file of at most \(Self.maxBytes) bytes")
        }
        do throws(RecordingReplay.Fault) {
            self.replay = try RecordingReplay(parsing: Array(data))
        } catch {
            throw CommandError(.badData, "\(file): \(error.description)")
        }
    }

    func run() -> ExitCode {
        let outcome = self.replay.run()
        guard let difference = outcome.difference else {
            self.terminal.print("\(self.file): \(outcome.events) events, all the same")
            return .success
        }
        self.terminal.print("\(self.file): line \(difference.line): after \(outcome.events) events one is not the same")
        self.terminal.print("  recorded: \(difference.recorded?.prefix(1_000) ?? "nothing")")
        self.terminal.print("  replayed: \(difference.replayed?.prefix(1_000) ?? "nothing")")
        return .checkFailed
    }

    /// What `--record` and `--record-audio` ask for.
    static func settings(_ arguments: Arguments) throws(CommandError) -> RecordingSettings? {
        guard let folder = arguments.value("record") else {
            guard !arguments.has("record-audio") else {
                throw CommandError(.usage, "--record-audio says how, --record DIRECTORY where to record")
            }
            return nil
        }
        var isDirectory = false
        if let type = try? FileManager.default.attributesOfItem(atPath: folder)[.type] as? FileAttributeType {
            isDirectory = type == .typeDirectory
        }
        guard isDirectory else { throw CommandError(.usage, "--record \(folder): there is no such directory") }
        var settings = RecordingSettings(folder: folder)
        settings.keepsAudio = arguments.has("record-audio")
        return settings
    }
}
