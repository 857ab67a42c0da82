import Foundation
import Synchronization

/// Writes records to a file descriptor from a thread of its own, so that a blocked pipe holds up no event loop.
///
/// The queue is bounded: what finds it full is dropped and counted, and the next line that gets through says how many
/// were lost.
public final class DescriptorSink: LogSink {
    private struct Queue {
        var lines: [String] = []
        var dropped = 0
        var isClosed = false
    }

    public let minimumLevel: LogLevel
    private let line: LogLine
    private let descriptor: Int32
    private let capacity: Int
    private let queue = Mutex(Queue())
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)

    public init(descriptor: Int32 = STDERR_FILENO, level: LogLevel, line: LogLine, capacity: Int = 4_096) {
        self.descriptor = descriptor
        self.minimumLevel = level
        self.line = line
        self.capacity = capacity
        let thread = Thread { [self] in self.drain() }
        thread.name = "vaani-log"
        thread.start()
    }

    public func write(_ record: LogRecord) {
        let text = self.line.render(record, at: Date())
        let isNew = self.queue.withLock { queue in
            guard !queue.isClosed, queue.lines.count < self.capacity else {
                queue.dropped += 1
                return false
            }
            queue.lines.append(text)
            return true
        }
        if isNew { self.wake.signal() }
    }

    /// Lines lost because the queue was full.
    public var droppedLines: Int {
        self.queue.withLock { $0.dropped }
    }

    /// Writes what is queued and ends the thread. Waits at most `seconds`, so that a blocked pipe cannot hold an exit.
    public func close(within seconds: Double = 1) {
        self.queue.withLock { $0.isClosed = true }
        self.wake.signal()
        _ = self.finished.wait(timeout: .now() + seconds)
    }

    private func drain() {
        var reported = 0
        while true {
            self.wake.wait()
            let (lines, dropped, isClosed) = self.queue.withLock { queue in
                defer { queue.lines.removeAll(keepingCapacity: true) }
                return (queue.lines, queue.dropped, queue.isClosed)
            }
            if dropped > reported {
                let lost = LogRecord(
                    level: .warning, message: "log lines dropped", fields: [(.count, .integer(dropped - reported))])
                self.writeAll(self.line.render(lost, at: Date()))
                reported = dropped
            }
            if !lines.isEmpty { self.writeAll(lines.joined()) }
            if isClosed { break }
        }
        self.finished.signal()
    }

    private func writeAll(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(self.descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }
}
