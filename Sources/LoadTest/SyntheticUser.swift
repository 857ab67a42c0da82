import JSON
import Transport

/// A user who talks without a pause: stamped PCM16 24 kHz in 40 ms chunks, and a stopwatch on what comes back.
///
/// Confined to its event loop, like its socket.
final class SyntheticUser: WebSocketHandler, @unchecked Sendable {
    /// Whom it talks to.
    enum Dialect: Sendable {
        /// The gateway's own protocol, streamed as JSON.
        case gateway(personaID: String)
        /// The Realtime protocol: no gateway in between.
        case realtime
    }

    static let chunkDuration = Duration.milliseconds(40)
    private static let chunkBytes = 24_000 * 2 * 40 / 1_000

    private let dialect: Dialect
    private let loop: EventLoop
    private let recorder: LatencyRecorder
    private let tally: LoadTally
    private let epoch: ContinuousClock.Instant
    private var socket: WebSocket?
    private var timer: ScheduledTask?
    private var nextChunkAt: ContinuousClock.Instant
    private var stamps = StampReader()

    /// - Parameter epoch: the instant that stamps count from, one for all users of a run.
    init(
        dialect: Dialect, target: WebSocketTarget, loop: EventLoop, recorder: LatencyRecorder, tally: LoadTally,
        epoch: ContinuousClock.Instant
    ) {
        self.dialect = dialect
        self.loop = loop
        self.recorder = recorder
        self.tally = tally
        self.epoch = epoch
        self.nextChunkAt = .now
        self.socket = loop.connect(target, handler: self)
    }

    func stop() {
        self.timer?.cancel()
        self.timer = nil
        self.socket?.close(code: 1000, reason: "")
    }

    // MARK: WebSocketHandler

    func opened(_ socket: WebSocket) {
        guard case .gateway(let personaID) = self.dialect else { return }
        let pcm: JSONValue = ["codec": "pcm16", "rate": 24_000, "channels": 1]
        self.send(["type": "hello", "v": "1.0", "features": [], "audio": ["in": pcm, "out": [pcm]]])
        self.send(["type": "config", "persona_id": .string(personaID), "greet": false])
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard let event = ShallowObject(text) else { return }
        switch self.dialect {
        case .gateway:
            if event.equals("type", "audio_delta") {
                self.heard(event.plainBytes("audio"))
            } else if event.equals("type", "config_ack") {
                self.startTalking()
            } else if event.equals("type", "error") {
                self.tally.errors.increment()
            }
        case .realtime:
            if event.equals("type", "response.output_audio.delta") {
                self.heard(event.plainBytes("delta"))
            } else if event.equals("type", "session.created") {
                self.send(["type": "session.update", "session": ["type": "realtime"]])
            } else if event.equals("type", "session.updated") {
                self.startTalking()
            }
        }
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        if self.timer != nil { self.tally.talking.decrement() }
        if close.cause != .local { self.tally.lost.increment() }
        self.timer?.cancel()
        self.timer = nil
        self.socket = nil
    }

    // MARK: Talking and listening

    private func startTalking() {
        guard self.timer == nil else { return }
        self.tally.talking.increment()
        // People do not speak in step: chunks that all left at one instant would measure their own queue.
        self.nextChunkAt = .now + Self.chunkDuration * Double.random(in: 0..<1)
        self.scheduleChunk()
    }

    private func talk() {
        guard let socket = self.socket else { return }
        let chunk = StampedChunk.make(byteCount: Self.chunkBytes, nanoseconds: self.nanoseconds)
        var text = Array(
            (self.isRealtime ? #"{"type":"input_audio_buffer.append","audio":""# : #"{"type":"audio_chunk","audio":""#)
                .utf8)
        chunk.withUnsafeBytes { Base64.append($0, to: &text) }
        text.append(contentsOf: #""}"#.utf8)
        if socket.send(text: text) == .dropped { self.tally.errors.increment() }
        self.tally.chunks.increment()
        // Counted from the plan, not from now: a late timer must not slow the microphone down.
        self.nextChunkAt += Self.chunkDuration
        self.scheduleChunk()
    }

    private func scheduleChunk() {
        self.timer = self.loop.schedule(after: max(.zero, self.nextChunkAt - .now)) { [weak self] in self?.talk() }
    }

    private func heard(_ base64: UnsafeRawBufferPointer?) {
        guard let base64, let audio = Base64.decode(base64) else { return }
        let now = self.nanoseconds
        for stamp in self.stamps.push(audio) where stamp <= now {
            self.recorder.record(.nanoseconds(Int64(now - stamp)))
        }
    }

    private var isRealtime: Bool {
        if case .realtime = self.dialect { true } else { false }
    }

    private var nanoseconds: UInt64 {
        let age = (ContinuousClock.now - self.epoch).components
        return UInt64(age.seconds) * 1_000_000_000 + UInt64(age.attoseconds / 1_000_000_000)
    }

    private func send(_ message: JSONValue) {
        _ = self.socket?.send(text: message.encoded)
    }
}
