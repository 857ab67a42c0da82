import Foundation
import Observability

/// Puts interviews away that nobody has answered for as long as the plan says: everybody's, now and once a day.
///
/// A user who comes back first has it done at their next start; this is for those who do not come back.
public final class InterviewSweep: Sendable {
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - interval: between two sweeps; the first begins at once.
    ///   - sleep: waits; ends the sweeping when it throws.
    public init(
        _ service: InterviewService, every interval: Duration = .seconds(86_400), log: Log,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.task = Task {
            repeat { await Self.sweep(service, log) } while (try? await sleep(interval)) != nil
        }
    }

    /// Returns when no sweep is under way any more.
    public func stop() async {
        self.task.cancel()
        await self.finished()
    }

    /// Waits for the last sweep.
    func finished() async { await self.task.value }

    /// One user after the other: whoever answers meanwhile waits for one profile at most. What cannot be put away today is
    /// tried again tomorrow.
    private static func sweep(_ service: InterviewService, _ log: Log) async {
        var count = 0
        do throws(InterviewError) {
            for user in try await service.users() where !Task.isCancelled {
                count += await Self.expire(user, service, log)
            }
        } catch {
            log.warning("interviews not swept", [.reason: .text(error.message)])
        }
        if count > 0 { log.notice("old interviews put away", [.count: .integer(count)]) }
    }

    private static func expire(_ user: String, _ service: InterviewService, _ log: Log) async -> Int {
        do throws(InterviewError) {
            return try await service.expire(user, isDry: false).count
        } catch {
            log.warning("interviews of a user not swept", [.reason: .text(error.message)])
            return 0
        }
    }
}
