import Foundation
import Synchronization

/// Turns signals into values of a stream.
///
/// The handler only writes a byte into a pipe, which is all that a signal handler may do. Handlers, unlike ignored or
/// blocked signals, do not pass to the helper programs that are started later.
enum SignalWatch {
    // Written once before any handler is installed; read by handlers.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// - Parameter signals: which to watch, from now to the end of the process.
    static func watch(_ signals: [Int32]) -> AsyncStream<Int32> {
        var ends: [Int32] = [-1, -1]
        guard self.pipeEnd.load(ordering: .acquiring) < 0, pipe(&ends) == 0 else {
            preconditionFailure("signals are watched once, and a pipe can be had at the start")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.pipeEnd.store(ends[1], ordering: .releasing)
        for number in signals {
            signal(number) { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalWatch.pipeEnd.load(ordering: .relaxed), &byte, 1)
                errno = saved
            }
        }
        let source = ends[0]
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(16))
        let thread = Thread { Self.read(source, into: continuation) }
        thread.name = "vaani-signals"
        thread.start()
        return stream
    }

    private static func read(_ source: Int32, into continuation: AsyncStream<Int32>.Continuation) {
        var byte: UInt8 = 0
        while true {
            let count = Foundation.read(source, &byte, 1)
            if count == 1 { continuation.yield(Int32(byte)) } else if count == 0 || errno != EINTR { break }
        }
        continuation.finish()
    }
}
