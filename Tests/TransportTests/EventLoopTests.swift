import Foundation
import Synchronization
import Testing

@testable import Transport

/// Lives on a loop.
private actor Resident {
    private nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }
    private var count = 0

    init(_ loop: EventLoop) { self.loop = loop }

    func increment() -> Bool {
        self.count += 1
        return self.loop.isCurrent
    }

    var value: Int { self.count }
}

extension Loopback {
    struct EventLoopTests {
        private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
            let group = try EventLoopGroup(count: 1, log: .disabled, metrics: .init())
            do {
                try await body(group.loops[0])
            } catch {
                await group.shutdown()
                throw error
            }
            await group.shutdown()
        }

        @Test func `an actor on a loop runs on its thread and is entered from callbacks with no hop`() async throws {
            try await self.withLoop { loop in
                let actor = Resident(loop)
                #expect(await actor.increment())
                let isOnLoop = await loop.run { _ in actor.assumeIsolated { $0.increment() } }
                #expect(isOnLoop)
                #expect(await actor.value == 2)
            }
        }

        @Test func `code elsewhere is not isolated to the loop`() async throws {
            try await self.withLoop { loop in
                #expect(!loop.isCurrent)
                #expect(loop.isIsolatingCurrentContext() == false)
                #expect(await loop.run { $0.isIsolatingCurrentContext() } == true)
            }
        }

        @Test func `work of one thread keeps its order`() async throws {
            try await self.withLoop { loop in
                let order = Mutex<[Int]>([])
                for index in 0..<1_000 { loop.execute { order.withLock { $0.append(index) } } }
                await loop.run { _ in }
                #expect(order.withLock { $0 } == Array(0..<1_000))
            }
        }

        @Test func `many tasks on one actor lose nothing`() async throws {
            try await self.withLoop { loop in
                let actor = Resident(loop)
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<2_000 { group.addTask { _ = await actor.increment() } }
                }
                #expect(await actor.value == 2_000)
            }
        }

        @Test func `timers fire in order, a cancelled one never`() async throws {
            try await self.withLoop { loop in
                let (fired, fire) = AsyncStream<Int>.makeStream()
                await loop.run { loop in
                    loop.schedule(after: .milliseconds(30)) { fire.yield(3) }
                    loop.schedule(after: .milliseconds(10)) { fire.yield(1) }
                    let cancelled = loop.schedule(after: .milliseconds(20)) { fire.yield(2) }
                    cancelled.cancel()
                    cancelled.cancel()
                    loop.schedule(after: .zero) { fire.yield(0) }
                }
                var iterator = fired.makeAsyncIterator()
                #expect([await iterator.next(), await iterator.next(), await iterator.next()] == [0, 1, 3])
            }
        }

        @Test func `thousands of cancelled timers are forgotten`() async throws {
            try await self.withLoop { loop in
                let count = await loop.run { loop in
                    for _ in 0..<10_000 { loop.schedule(after: .seconds(3_600)) {}.cancel() }
                    return loop.timerCount
                }
                #expect(count < 600)
            }
        }

        @Test func `a chatty actor does not keep sockets waiting`() async throws {
            try await Harness.run { harness in
                let chatter = Chatter(harness.loop)
                chatter.talk()
                let answer = await raw(harness.port) { client in
                    client.send("GET /quiet HTTP/1.1\r\nhost: x\r\n\r\n")
                    return client.receiveAll()
                }
                chatter.stop()
                #expect(answer.hasSuffix("GET /quiet "))
            }
        }

        @Test func `work handed over before the end is done`() async throws {
            let group = try EventLoopGroup(count: 2, log: .disabled, metrics: .init())
            let count = Mutex(0)
            for loop in group.loops { for _ in 0..<500 { loop.execute { count.withLock { $0 += 1 } } } }
            await group.shutdown()
            #expect(count.withLock { $0 } == 1_000)
        }

        @Test func `the loops take turns`() async throws {
            let group = try EventLoopGroup(count: 3, log: .disabled, metrics: .init())
            #expect((0..<6).map { _ in group.next().index } == [0, 1, 2, 0, 1, 2])
            await group.shutdown()
        }

        @Test func `the lag of a blocked loop is seen`() async throws {
            try await Harness.run { harness in
                let (ticks, tick) = AsyncStream<Void>.makeStream()
                await harness.loop.run { loop in
                    _ = loop.schedule(after: .milliseconds(500)) {
                        // Longer than the measuring period, so that one measurement has to come late.
                        usleep(700_000)
                        loop.schedule(after: .milliseconds(600)) { tick.yield() }
                    }
                }
                var iterator = ticks.makeAsyncIterator()
                await iterator.next()
                let text = harness.metrics.prometheusText()
                let under100ms = text.split(separator: "\n").first {
                    $0.hasPrefix(#"vaani_loop_lag_seconds_bucket{le="0.1"}"#)
                }
                let all = text.split(separator: "\n").first { $0.hasPrefix("vaani_loop_lag_seconds_count") }
                #expect(under100ms?.split(separator: " ").last != all?.split(separator: " ").last)
            }
        }
    }
}

/// Hands itself over again and again, as an actor with an endless mailbox does.
private final class Chatter: Sendable {
    private let loop: EventLoop
    private let isDone = Atomic(false)

    init(_ loop: EventLoop) { self.loop = loop }

    func stop() { self.isDone.store(true, ordering: .relaxed) }

    func talk() {
        guard !self.isDone.load(ordering: .relaxed) else { return }
        self.loop.execute { self.talk() }
    }
}
