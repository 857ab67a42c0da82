import Audio
import ClientProtocol
import Dispatch
import JSON
import Observability
import Personas
import RealtimeProtocol
import Synchronization

@testable import Sessions

/// A thread of its own, in the place of an event loop.
final class QueueExecutor: SessionExecutor {
    private let queue = DispatchQueue(label: "session")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func execute(_ work: @escaping @Sendable () -> Void) { self.queue.async(execute: work) }

    func checkIsolated() { dispatchPrecondition(condition: .onQueue(self.queue)) }

    /// Runs `work` on the executor and waits for it.
    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { done in self.queue.async { done.resume(returning: work()) } }
    }
}

/// Time that passes when a test says so.
final class ManualClock: SessionClock {
    private struct State {
        var nowMs = 0
        var alarms: [(id: Int, at: Int, work: @Sendable () -> Void)] = []
        var lastID = 0
    }

    private let state = Mutex(State())

    var nowMs: Int { self.state.withLock { $0.nowMs } }

    func schedule(
        after delay: Duration, on executor: any SerialExecutor, _ work: @escaping @Sendable () -> Void
    ) -> any SessionAlarm {
        self.state.withLock { state in
            state.lastID += 1
            let at = state.nowMs + Int(delay / .milliseconds(1))
            state.alarms.append((state.lastID, at, work))
            return Alarm(clock: self, id: state.lastID)
        }
    }

    /// Alarms that are set.
    var pending: Int { self.state.withLock { $0.alarms.count } }

    /// Moves on and runs what is due, in order. Call on the session's executor.
    func advance(ms: Int) {
        let target = self.nowMs + ms
        while let work = self.nextDue(by: target) { work() }
        self.state.withLock { $0.nowMs = target }
    }

    private func nextDue(by target: Int) -> (@Sendable () -> Void)? {
        self.state.withLock { state in
            guard let next = state.alarms.filter({ $0.at <= target }).min(by: { $0.at < $1.at }) else { return nil }
            state.alarms.removeAll { $0.id == next.id }
            state.nowMs = max(state.nowMs, next.at)
            return next.work
        }
    }

    private struct Alarm: SessionAlarm {
        let clock: ManualClock
        let id: Int

        func cancel() { self.clock.state.withLock { $0.alarms.removeAll { $0.id == self.id } } }
    }
}

/// A user's connection that keeps what it is sent.
final class RecordingDownstream: Downstream {
    struct State {
        var messages: [JSONValue] = []
        var frames: [[UInt8]] = []
        var closed: CloseCode?
        var isPaused = false
        var outcome = SendOutcome.sent
        var waiters: [(type: String, found: CheckedContinuation<JSONValue, Never>)] = []
    }

    let state = Mutex(State())

    func send(_ frame: [UInt8]) -> SendOutcome {
        let message = (try? JSONValue(parsing: frame)) ?? .null
        let (outcome, found) = self.state.withLock { state in
            state.messages.append(message)
            let found = state.waiters.filter { $0.type == message["type"]?.string }.map(\.found)
            state.waiters.removeAll { $0.type == message["type"]?.string }
            return (state.outcome, found)
        }
        for waiter in found { waiter.resume(returning: message) }
        return outcome
    }

    func send(binary frame: [UInt8]) -> SendOutcome {
        self.state.withLock { state in
            state.frames.append(frame)
            return state.outcome
        }
    }

    var bufferedBytes: Int { 0 }
    func pauseReading() { self.state.withLock { $0.isPaused = true } }
    func resumeReading() { self.state.withLock { $0.isPaused = false } }
    func close(_ code: CloseCode, reason: String) { self.state.withLock { $0.closed = code } }

    var types: [String] { self.state.withLock { $0.messages.compactMap { $0["type"]?.string } } }
    var closed: CloseCode? { self.state.withLock { $0.closed } }
    var isPaused: Bool { self.state.withLock { $0.isPaused } }

    /// The first message of that type, waiting for it if need be.
    func first(_ type: String) async -> JSONValue {
        await withCheckedContinuation { found in
            let known = self.state.withLock { state -> JSONValue? in
                let known = state.messages.first { $0["type"]?.string == type }
                if known == nil { state.waiters.append((type, found)) }
                return known
            }
            if let known { found.resume(returning: known) }
        }
    }
}

/// A model that says what a test wants it to say.
final class FakeModel: RealtimeConnector {
    struct State {
        var lines: [FakeLine] = []
        var capabilities = RealtimeCapabilities()
        var life: Duration?
    }

    let state = Mutex(State())

    func connect(
        on executor: any SerialExecutor, handler: @escaping @Sendable (RealtimeConnectionEvent) -> Void
    ) -> any RealtimeConnection {
        self.state.withLock { state in
            let line = FakeLine(capabilities: state.capabilities, life: state.life, handler: handler)
            state.lines.append(line)
            return line
        }
    }

    var lines: [FakeLine] { self.state.withLock { $0.lines } }
    var open: [FakeLine] { self.lines.filter { !$0.isClosed } }
}

final class FakeLine: RealtimeConnection {
    struct State {
        var sent: [RealtimeClientEvent] = []
        var audio: [UInt8] = []
        var queuedBytes = 0
        var isClosed = false
    }

    let capabilities: RealtimeCapabilities
    let remainingLife: Duration?
    let model = "fake"
    private let handler: @Sendable (RealtimeConnectionEvent) -> Void
    let state = Mutex(State())

    init(
        capabilities: RealtimeCapabilities, life: Duration?,
        handler: @escaping @Sendable (RealtimeConnectionEvent) -> Void
    ) {
        self.capabilities = capabilities
        self.remainingLife = life
        self.handler = handler
    }

    func send(_ event: RealtimeClientEvent) -> SendOutcome {
        self.state.withLock { $0.sent.append(event) }
        return .sent
    }

    func appendInputAudio(_ audio: UnsafeRawBufferPointer) -> SendOutcome {
        self.state.withLock { $0.audio.append(contentsOf: audio) }
        return .sent
    }

    var queuedBytes: Int { self.state.withLock { $0.queuedBytes } }
    func close() { self.state.withLock { $0.isClosed = true } }

    var sent: [RealtimeClientEvent] { self.state.withLock { $0.sent } }
    var audio: [UInt8] { self.state.withLock { $0.audio } }
    var audioBytes: Int { self.audio.count }
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Call on the session's executor.
    func say(_ event: RealtimeServerEvent) { self.handler(.event(event)) }
    func tell(_ event: RealtimeConnectionEvent) { self.handler(event) }
}

/// Decodes everything to one second of a loud tone.
struct LoudDecoder: ContainerDecoder {
    func decode(
        _ bytes: [UInt8], format: ContainerFormat, limits: AudioLimits
    ) async throws(AudioError) -> PCMBuffer {
        PCMBuffer(samples: (0..<24_000).map { $0 % 48 < 24 ? 8_000 : -8_000 }, sampleRate: 24_000, channels: 1)
    }
}
