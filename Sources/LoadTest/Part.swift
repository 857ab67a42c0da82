import Foundation
import Synchronization

/// A process that plays one part in a benchmark and says on its first lines where it listens.
struct Part {
    let process: Process
    let port: Int

    var processID: Int32 { self.process.processIdentifier }

    /// Starts the part and waits until one of its lines ends in `:<port>` or names `port <port>`.
    ///
    /// - Throws: `BenchmarkError` if it ends, or its output does, before that.
    static func start(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) async throws
        -> Part
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        if let port = await self.firstPort(in: output.fileHandleForReading) {
            return Part(process: process, port: port)
        }
        process.terminate()
        throw BenchmarkError("\(arguments.joined(separator: " ")): ended before it listened")
    }

    /// Reads until a line names a port; afterwards the rest is read and dropped, so that the part never blocks on a full
    /// pipe.
    private static func firstPort(in output: FileHandle) async -> Int? {
        let found = Mutex<CheckedContinuation<Int?, Never>?>(nil)
        return await withCheckedContinuation { continuation in
            found.withLock { $0 = continuation }
            let text = Mutex("")
            output.readabilityHandler = { handle in
                let piece = handle.availableData
                let port = text.withLock { text in
                    text += String(decoding: piece, as: UTF8.self)
                    return text.split(separator: "\n").lazy.compactMap { self.port(in: String($0)) }.first
                }
                guard port != nil || piece.isEmpty else { return }
                found.withLock { $0.take() }?.resume(returning: port)
                if piece.isEmpty { handle.readabilityHandler = nil }
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

/// Why a benchmark gave no figures.
public struct BenchmarkError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
