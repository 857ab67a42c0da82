import Foundation
import Synchronization

/// A process that plays one part in a benchmark and says on its first lines where it listens.
struct Part {
    let process: Process
    let port: Int

    var processID: Int32 { self.process.processIdentifier }

    /// Starts the part and waits until one of its lines ends in `:<port>` or names `port <port>`.
    ///
    /// - Throws: `LoadError` with the part's last words if it ends, or its output does, before that.
    static func start(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) async throws
        -> Part
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe(), complaints = Pipe()
        process.standardOutput = output
        process.standardError = complaints
        try process.run()
        let lastWords = Mutex("")
        self.drain(complaints.fileHandleForReading) { piece in
            lastWords.withLock { $0 = String(($0 + piece).suffix(500)) }
        }
        if let port = await self.firstPort(in: output.fileHandleForReading) {
            return Part(process: process, port: port)
        }
        process.terminate()
        process.waitUntilExit()
        let words = lastWords.withLock { $0 }.split(separator: "\n").last.map { ": \($0)" } ?? ""
        throw LoadError("\(arguments.joined(separator: " ")): ended before it listened\(words)")
    }

    /// Reads until a line names a port; nil if none does.
    private static func firstPort(in output: FileHandle) async -> Int? {
        let found = Mutex<CheckedContinuation<Int?, Never>?>(nil)
        return await withCheckedContinuation { continuation in
            found.withLock { $0 = continuation }
            let text = Mutex("")
            self.drain(output) { piece in
                let port = text.withLock { text in
                    text = String((text + piece).suffix(4_096))
                    return text.split(separator: "\n").lazy.compactMap { self.port(in: String($0)) }.first
                }
                guard port != nil || piece.isEmpty else { return }
                found.withLock { $0.take() }?.resume(returning: port)
            }
        }
    }

    /// Reads to the end on a thread of its own, so that the part never blocks on a full pipe; the last piece is empty.
    private static func drain(_ handle: FileHandle, _ take: @escaping @Sendable (String) -> Void) {
        Thread.detachNewThread {
            while true {
                let piece = handle.availableData
                take(String(decoding: piece, as: UTF8.self))
                if piece.isEmpty { return }
            }
        }
    }

    /// `http://127.0.0.1:8000` and `listening on port 8000` both name 8000.
    static func port(in line: String) -> Int? {
        let pattern = /(?:127\.0\.0\.1:|port )(\d+)/
        return line.firstMatch(of: pattern).flatMap { Int($0.1) }
    }

    func stop() {
        guard self.process.isRunning else { return }
        self.process.terminate()
        self.process.waitUntilExit()
    }
}
