import Dispatch
import Foundation

/// Plays recordings through `aplay`, one after the other, on a queue of its own because playing blocks.
final class Player: Sendable {
    private let path: String
    private let queue = DispatchQueue(label: "vaani-player")

    /// - Returns: nil where there is no `aplay` on the search path.
    init?(environment: [String: String]) {
        let directories = environment["PATH", default: "/usr/bin:/bin"].split(separator: ":")
        let candidates = directories.map { "\($0)/aplay" }
        guard let path = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return nil
        }
        self.path = path
    }

    func play(_ wav: [UInt8]) {
        self.queue.async {
            let process = Process()
            let input = Pipe()
            process.executableURL = URL(fileURLWithPath: self.path)
            process.arguments = ["-q", "-"]
            process.standardInput = input
            guard (try? process.run()) != nil else { return }
            try? input.fileHandleForWriting.write(contentsOf: Data(wav))
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
    }

    /// Returns when everything has been played.
    func finish() async {
        await withCheckedContinuation { continuation in
            self.queue.async { continuation.resume() }
        }
    }
}
