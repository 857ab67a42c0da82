import ClientProtocol
import RealtimeProtocol
import Synchronization

/// The connection of a user who came back on another event loop than the conversation lives on: what is said goes over
/// there in order. Costs a hop for each message, which only resumed conversations pay.
final class RemoteDownstream: Downstream {
    private let downstream: any Downstream
    private let executor: any SessionExecutor
    private let maxBytes: Int
    private let inFlight = Atomic<Int>(0)
    private let isClosed = Atomic<Bool>(false)

    /// - Parameters:
    ///   - executor: where the connection lives.
    ///   - maxBytes: on their way there at one time; what is more is dropped.
    init(_ downstream: any Downstream, on executor: any SessionExecutor, maxBytes: Int = 1 << 20) {
        self.downstream = downstream
        self.executor = executor
        self.maxBytes = maxBytes
    }

    func send(_ frame: [UInt8]) -> SendOutcome {
        self.pass(frame) { $0.send(frame) }
    }

    func send(binary frame: [UInt8]) -> SendOutcome {
        self.pass(frame) { $0.send(binary: frame) }
    }

    private func pass(
        _ frame: [UInt8], _ send: @escaping @Sendable (any Downstream) -> SendOutcome
    ) -> SendOutcome {
        guard !self.isClosed.load(ordering: .relaxed) else { return .closed }
        guard self.inFlight.load(ordering: .relaxed) + frame.count <= self.maxBytes else { return .dropped }
        self.inFlight.add(frame.count, ordering: .relaxed)
        self.executor.execute { [self] in
            self.inFlight.subtract(frame.count, ordering: .relaxed)
            // Full over there is as good as gone: the session hears of it at its next message.
            if [.dropped, .closed].contains(send(self.downstream)) { self.isClosed.store(true, ordering: .relaxed) }
        }
        return .buffered
    }

    var bufferedBytes: Int { self.inFlight.load(ordering: .relaxed) }

    func pauseReading() { self.executor.execute { [downstream] in downstream.pauseReading() } }

    func resumeReading() { self.executor.execute { [downstream] in downstream.resumeReading() } }

    func close(_ code: CloseCode, reason: String) {
        self.isClosed.store(true, ordering: .relaxed)
        self.executor.execute { [downstream] in downstream.close(code, reason: reason) }
    }
}
