import RealtimeProtocol
import Testing

@testable import Upstream

@Suite struct PoolPlanTests {
    private func plan(size: Int) -> PoolPlan {
        var limits = PoolPlan.Limits()
        limits.size = size
        return PoolPlan(limits)
    }

    /// A plan of one whose connection became ready at 1 s.
    private func ready(lifetime: Duration? = nil) -> PoolPlan {
        var plan = self.plan(size: 1)
        _ = plan.tick(now: .zero)
        _ = plan.ready(1, lifetime: lifetime, now: .seconds(1))
        return plan
    }

    private let reset = UpstreamFailure(.transient, "reset")

    @Test func `a pool without room dials nothing and has nothing`() {
        var plan = self.plan(size: 0)
        #expect(plan.tick(now: .zero) == [])
        let (id, actions) = plan.take(now: .zero)
        #expect(id == nil && actions.isEmpty)
    }

    @Test func `it dials as many as are missing`() {
        var plan = self.plan(size: 2)
        #expect(plan.tick(now: .zero) == [.dial(1), .dial(2)])
        #expect(plan.tick(now: .zero) == [])
    }

    @Test func `a taken connection is used once and replaced at once`() {
        var plan = self.ready()
        let (id, actions) = plan.take(now: .seconds(2))
        #expect(id == 1)
        #expect(actions == [.dial(2)])
        #expect(plan.take(onlyReady: true, now: .seconds(2)).id == nil)
        #expect(plan.ended(1, self.reset, now: .seconds(3)) == [], "it is the taker's by now")
    }

    @Test func `a ready connection goes before one that is on its way`() {
        var plan = self.plan(size: 2)
        _ = plan.tick(now: .zero)
        _ = plan.ready(2, lifetime: nil, now: .zero)
        #expect(plan.take(now: .zero).id == 2)
        #expect(plan.take(now: .zero).id == 1)
    }

    @Test func `a connection that nobody took is replaced at its age`() {
        var plan = self.plan(size: 1)
        _ = plan.tick(now: .zero)
        #expect(plan.ready(1, lifetime: nil, now: .seconds(1)) == [.wake(after: .seconds(60))])
        #expect(plan.tick(now: .seconds(60)) == [.wake(after: .seconds(1))])
        #expect(plan.tick(now: .seconds(61)) == [.close(1), .dial(2)])
    }

    @Test func `most of a provider's session is left to who gets it`() {
        var plan = self.plan(size: 1)
        _ = plan.tick(now: .zero)
        #expect(plan.ready(1, lifetime: .seconds(40), now: .zero) == [.wake(after: .seconds(10))])
    }

    @Test func `it backs off after failures, up to a limit, and forgets them after a success`() {
        var plan = self.plan(size: 1)
        _ = plan.tick(now: .zero)
        var pauses: [Duration] = []
        for id in 1...9 {
            guard case .wake(let pause)? = plan.ended(id, self.reset, now: .zero).last else { break }
            pauses.append(pause)
            #expect(plan.tick(now: pause).first == .dial(id + 1))
        }
        #expect(pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
        _ = plan.ready(10, lifetime: nil, now: .zero)
        #expect(plan.ended(10, self.reset, now: .seconds(1)) == [.wake(after: .milliseconds(500))])
    }

    @Test func `it waits as long as the provider asks`() {
        var plan = self.plan(size: 1)
        _ = plan.tick(now: .zero)
        let busy = UpstreamFailure(.rateLimited, "429", retryAfter: .seconds(7))
        #expect(plan.ended(1, busy, now: .zero) == [.wake(after: .seconds(7))])
    }

    @Test(arguments: [UpstreamFailure.Class.authentication, .quota, .rejected])
    func `what trying again does not mend is left alone until a session gets through`(kind: UpstreamFailure.Class) {
        var plan = self.plan(size: 1)
        _ = plan.tick(now: .zero)
        #expect(plan.ended(1, UpstreamFailure(kind, "no"), now: .zero) == [.wake(after: .seconds(300))])
        #expect(plan.take(now: .seconds(1)).actions == [.wake(after: .seconds(299))])
        #expect(plan.reached(now: .seconds(2)) == [.dial(2)])
    }

    @Test func `an end after a long life is no failure`() {
        var plan = self.ready()
        #expect(plan.ended(1, self.reset, now: .seconds(30)) == [.dial(2)])
    }

    @Test func `a pool that is not wanted keeps what it has and dials nothing`() {
        var plan = self.ready()
        plan.isWanted = false
        let (id, actions) = plan.take(now: .seconds(2))
        #expect(id == 1 && actions.isEmpty)
    }

    @Test func `a stopped pool closes what it has and never dials again`() {
        var plan = self.ready()
        #expect(plan.stop() == [.close(1)])
        #expect(plan.tick(now: .seconds(100)) == [])
        #expect(plan.take(now: .seconds(100)).id == nil)
        #expect(plan.reached(now: .seconds(100)) == [])
    }
}
