import Foundation
import Storage
import Studio
import Synchronization

@testable import Gateway
@testable import Providers

/// A gateway with a provider, whose work is done when a test says so.
struct ProviderBench {
    /// A time that stands until it is moved, a little later than any that a route will take for now.
    final class Clock: Sendable {
        private let moment = Mutex(Date(timeIntervalSinceNow: 600))

        var now: Date { self.moment.withLock { $0 } }
        func pass(_ seconds: Double) { self.moment.withLock { $0 += seconds } }
    }

    let studio: StudioHarness
    let provider: FakeProvider
    let sync: ProviderSync
    let clock: Clock

    /// Does what is due.
    func work(after seconds: Double = 0) async {
        self.clock.pass(seconds)
        for lane in ProviderLane.allCases { _ = await self.sync.work(lane) }
    }

    static func run(
        perHour: Int = 0, _ set: (inout FakeProvider.State) -> Void = { _ in },
        _ body: (ProviderBench) async throws -> Void
    ) async throws {
        let provider = FakeProvider(set)
        let clock = Clock()
        // Made with the store, which the harness opens.
        var made: ProviderSync?
        try await StudioHarness.run { store in
            let sync = Self.sync(provider, store, clock)
            made = sync
            return ProviderAccess(provider, orders: PersonaOrders(provider, sync: sync, perHour: perHour))
        } _: { studio in
            guard let sync = made else { return }
            try await body(ProviderBench(studio: studio, provider: provider, sync: sync, clock: clock))
        }
    }

    private static func sync(_ provider: FakeProvider, _ store: StudioDatabase, _ clock: Clock) -> ProviderSync {
        ProviderSync(
            provider, queue: store,
            clock: ProviderSync.Clock {
                clock.now
            } sleep: {
                try await Task.sleep(for: $0)
            } dice: {
                0
            })
    }
}
