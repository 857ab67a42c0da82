/// Why a call to a helper process has no answer, or only the beginning of one.
public struct WorkerError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Every worker is at work and the queue is full: come back later.
        case busy
        /// The helper died during the call. The call may be repeated once; what killed it may kill it again.
        case crashed
        /// The helper took longer than the pool allows and was killed.
        case timeout
        /// The helper answered with an error of its own.
        case failed
        /// The answer is longer than the pool allows; the helper was killed.
        case tooLarge = "too_large"
        /// No helper can be started.
        case unavailable
        /// The pool has been shut down.
        case shutDown = "shut_down"
    }

    public var code: Code
    /// One sentence; for `.failed` it is the helper's own.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(self.code.rawValue): \(self.message)" }

    /// Whether the same call may succeed later.
    public var isRetriable: Bool {
        switch self.code {
        case .busy, .crashed, .unavailable: true
        case .timeout, .failed, .tooLarge, .shutDown: false
        }
    }
}
