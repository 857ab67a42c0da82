import Dispatch

/// Where files are read and written: off the event loops, and one after another for each user.
final class FileQueues: Sendable {
    // As many users at once as a disk gains anything from.
    private static let count = 4

    private let queues = (0..<FileQueues.count).map { DispatchQueue(label: "vaani.interviews.\($0)") }

    func run<Value: Sendable>(
        for user: String, _ body: @escaping @Sendable () throws(InterviewError) -> Value
    ) async throws(InterviewError) -> Value {
        let queue = self.queues[abs(user.hashValue % Self.count)]
        let result: Result<Value, InterviewError> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(InterviewError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
