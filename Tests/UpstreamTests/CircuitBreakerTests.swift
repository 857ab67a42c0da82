import RealtimeProtocol
import Testing

@testable import Upstream

@Suite struct CircuitBreakerTests {
    private let reset = UpstreamFailure(.transient, "reset")

    private func broken() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for second in 0..<5 { breaker.failed(self.reset, now: .seconds(second)) }
        return breaker
    }

    @Test func `it opens at the fifth failure within ten seconds`() {
        var breaker = CircuitBreaker()
        for second in 0..<4 {
            breaker.failed(self.reset, now: .seconds(second))
            #expect(breaker.refusal(now: .seconds(second)) == nil)
        }
        breaker.failed(self.reset, now: .seconds(4))
        #expect(
            breaker.refusal(now: .seconds(5)) == UpstreamFailure(.transient, "reset", retryAfter: .seconds(1)))
    }

    @Test func `failures that are far apart do not open it`() {
        var breaker = CircuitBreaker()
        for number in 0..<20 { breaker.failed(self.reset, now: .seconds(number * 3)) }
        #expect(breaker.isClosed)
    }

    @Test func `a success forgets the failures before it`() {
        var breaker = CircuitBreaker()
        for number in 0..<20 {
            breaker.failed(self.reset, now: .milliseconds(number))
            if number % 4 == 3 { breaker.succeeded() }
        }
        #expect(breaker.isClosed)
    }

    @Test func `after the pause one attempt decides`() {
        var breaker = self.broken()
        #expect(breaker.refusal(now: .seconds(6)) == nil)
        #expect(breaker.refusal(now: .seconds(6))?.retryAfter == .seconds(2))
        var recovered = breaker
        recovered.succeeded()
        #expect(recovered.refusal(now: .seconds(6)) == nil)
        breaker.failed(self.reset, now: .seconds(7))
        #expect(breaker.refusal(now: .seconds(8))?.retryAfter == .seconds(1))
    }

    @Test func `an attempt that is given up leaves the decision to the next`() {
        var breaker = self.broken()
        _ = breaker.refusal(now: .seconds(6))
        breaker.abandoned(now: .seconds(6))
        #expect(breaker.refusal(now: .seconds(6)) == nil)
    }

    @Test func `a probe of which nobody reports does not hold the door shut`() {
        var breaker = self.broken()
        _ = breaker.refusal(now: .seconds(6))
        #expect(breaker.refusal(now: .seconds(15)) != nil)
        #expect(breaker.refusal(now: .seconds(16)) == nil)
    }

    @Test(arguments: [UpstreamFailure.Class.authentication, .quota, .rejected])
    func `what trying again does not mend opens it at once and keeps its class`(kind: UpstreamFailure.Class) {
        var breaker = CircuitBreaker()
        breaker.failed(UpstreamFailure(kind, "no", status: 401), now: .zero)
        #expect(
            breaker.refusal(now: .seconds(10)) == UpstreamFailure(kind, "no", status: 401, retryAfter: .seconds(20)))
        #expect(breaker.refusal(now: .seconds(30)) == nil)
    }

    @Test func `the pause that a provider asks for is kept, within reason`() {
        var breaker = CircuitBreaker()
        breaker.failed(UpstreamFailure(.rateLimited, "429", retryAfter: .seconds(8)), now: .zero)
        #expect(breaker.refusal(now: .seconds(7))?.retryAfter == .seconds(1))
        breaker.failed(UpstreamFailure(.rateLimited, "429", retryAfter: .seconds(100_000)), now: .zero)
        #expect(breaker.refusal(now: .zero)?.retryAfter == .seconds(120))
    }
}
