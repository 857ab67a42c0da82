import Foundation

/// Runs blocking calls on a thread of their own: the pool has as many threads as the machine has cores, and the server's
/// tasks need them.
func blocking<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}

/// A raw connection to a port, used on a thread of its own.
func raw<Result: Sendable>(_ port: Int, _ work: @escaping @Sendable (RawClient) -> Result) async -> Result {
    await blocking { work(RawClient(port: port)) }
}
