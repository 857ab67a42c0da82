import Testing

@testable import Workers

@Suite struct DispatchTests {
    @Test func `a call goes to an idle worker, then to the queue, then nowhere`() {
        var dispatch = Dispatch<String>(workers: 1, queueLimit: 1)
        #expect(dispatch.ready(0) == nil)
        #expect(dispatch.offer("a") == .run(worker: 0))
        #expect(dispatch.offer("b") == .queued)
        #expect(dispatch.offer("c") == .refused(WorkerError(.busy, "queue of 1 calls is at its limit")))
        #expect(dispatch.ready(0) == "a")
        #expect(dispatch.finished(0) == "b")
        #expect(dispatch.finished(0) == nil)
    }

    @Test func `calls wait for a worker that is being started`() {
        var dispatch = Dispatch<String>(workers: 2, queueLimit: 4)
        #expect(dispatch.offer("a") == .queued)
        #expect(dispatch.offer("b") == .queued)
        #expect(dispatch.ready(1) == "a")
        #expect(dispatch.ready(0) == "b")
    }

    @Test func `a crash does not touch the calls that wait`() {
        var dispatch = Dispatch<String>(workers: 1, queueLimit: 4)
        _ = dispatch.ready(0)
        _ = dispatch.offer("a")
        _ = dispatch.offer("b")
        dispatch.crashed(0)
        #expect(dispatch.ready(0) == "b")
    }

    @Test func `a call given to a worker that dies before it starts stays with it`() {
        var dispatch = Dispatch<String>(workers: 1, queueLimit: 4)
        _ = dispatch.ready(0)
        _ = dispatch.offer("a")
        dispatch.lostIdle(0)
        #expect(dispatch.ready(0) == "a")
    }

    @Test func `when no worker can be started, calls are refused at once`() {
        var dispatch = Dispatch<String>(workers: 2, queueLimit: 4)
        _ = dispatch.offer("a")
        #expect(dispatch.failedToStart(0).isEmpty)
        #expect(dispatch.failedToStart(1) == ["a"])
        #expect(dispatch.offer("b") == .refused(Dispatch<String>.unavailable))
        #expect(dispatch.ready(0) == nil)
        #expect(dispatch.offer("c") == .run(worker: 0))
    }

    @Test func `a withdrawn call leaves the queue`() {
        var dispatch = Dispatch<String>(workers: 1, queueLimit: 4)
        _ = dispatch.ready(0)
        _ = dispatch.offer("a")
        _ = dispatch.offer("b")
        #expect(dispatch.withdraw("b") == .removed)
        #expect(dispatch.withdraw("a") == .running(worker: 0))
        #expect(dispatch.finished(0) == nil)
        #expect(dispatch.withdraw("a") == .over)
    }

    @Test func `stopping returns every call and refuses what comes after`() {
        var dispatch = Dispatch<String>(workers: 1, queueLimit: 4)
        _ = dispatch.ready(0)
        _ = dispatch.offer("a")
        _ = dispatch.offer("b")
        #expect(dispatch.stop() == ["a", "b"])
        #expect(dispatch.offer("c") == .refused(WorkerError(.shutDown, "the pool has been shut down")))
        #expect(dispatch.ready(0) == nil)
    }

    @Test func `pauses between starts grow up to five seconds`() {
        #expect(
            (0...8).map(Worker.backoff)
                == [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map { .milliseconds($0) })
    }
}
