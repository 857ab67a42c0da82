import Testing

@testable import Transport

struct SendQueueTests {
    private func message(_ count: Int) -> SendQueue.Message {
        SendQueue.Message(kind: .binary, bytes: Array(repeating: 0, count: count))
    }

    @Test func `messages leave in the order they came`() {
        var queue = SendQueue(limit: 1_000)
        for count in 1...200 { queue.append(self.message(count % 7)) }
        #expect((1...200).map { _ in queue.popFirst()?.bytes.count } == (1...200).map { $0 % 7 })
        #expect(queue.popFirst() == nil)
        #expect(queue.bufferedBytes == 0)
    }

    @Test func `a full queue takes no more and tells when it has drained`() {
        var queue = SendQueue(limit: 100)
        #expect((queue.hasRoom(for: 100)) == true)
        queue.append(self.message(100))
        #expect((queue.hasRoom(for: 1)) == false)
        #expect((queue.takeDrained()) == false)
        _ = queue.popFirst()
        #expect((queue.takeDrained()) == true)
        #expect((queue.takeDrained()) == false)
    }

    @Test func `what the kernel did not take counts`() {
        var queue = SendQueue(limit: 100)
        queue.linkHolds(60)
        #expect(!queue.isEmpty)
        #expect((queue.hasRoom(for: 41)) == false)
        #expect((queue.hasRoom(for: 40)) == true)
        queue.linkHoldsNothing()
        #expect(queue.isEmpty)
        #expect((queue.takeDrained()) == true)
    }

    @Test func `one message larger than the limit may wait alone`() {
        var queue = SendQueue(limit: 100)
        #expect((queue.hasRoom(for: 5_000)) == true)
        queue.append(self.message(5_000))
        #expect((queue.hasRoom(for: 1)) == false)
    }

    @Test func `a queue that stayed low never tells`() {
        var queue = SendQueue(limit: 100)
        queue.append(self.message(25))
        _ = queue.popFirst()
        #expect((queue.takeDrained()) == false)
    }
}
