import Foundation

/// Lines of standard input, read on a thread of their own because reading blocks.
enum LineReader {
    static func lines() -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(1_024))
        let thread = Thread {
            while let line = readLine() { continuation.yield(line) }
            continuation.finish()
        }
        thread.name = "vaani-input"
        thread.start()
        return stream
    }
}
