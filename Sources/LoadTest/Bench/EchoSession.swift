import JSON
import Transport

/// One connection to the echo. Confined to its socket's loop.
final class EchoSession: WebSocketHandler, @unchecked Sendable {
    private static let chunksPerReply = 250
    // What models take in one turn at most; more is dropped.
    private static let maxHeldBytes = 16 << 20
    private static let deltaBytes = 200 * Voice.bytesPerMillisecond

    /// Whether every piece is answered at once, as a model with turn detection might.
    private var isLive = true
    private var replies = 0
    private var chunksLeft = 0
    /// Appended and not committed, and committed and not answered: PCM16.
    private var held: [UInt8] = []
    private var committed: [UInt8] = []
    /// A delta without its audio, kept so that a piece of audio costs no allocation.
    private var frame: [UInt8] = []
    private var headBytes = 0

    func opened(_ socket: WebSocket) {
        self.send(["type": "session.created", "session": ["id": "sess_echo", "type": "realtime"]], to: socket)
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        if AudioMember.find(#""type":"input_audio_buffer.appen"#, in: text) != nil,
            let audio = AudioMember.find(#""audio":""#, in: text)
        {
            return self.isLive ? self.echo(audio, to: socket) : self.hold(audio)
        }
        guard let event = ShallowObject(text), let type = event.string("type") else { return }
        switch type {
        case "input_audio_buffer.append":
            guard let audio = event.plainBytes("audio") else { return }
            self.isLive ? self.echo(audio, to: socket) : self.hold(audio)
        case "session.update": self.update(event.value("session"), socket)
        case "input_audio_buffer.commit": (self.committed, self.held) = (self.committed + self.held, [])
        case "input_audio_buffer.clear": self.held = []
        case "response.create": self.answer(socket)
        case "response.cancel": self.finish(socket, status: "cancelled")
        default: break
        }
    }

    private func update(_ session: JSONValue?, _ socket: WebSocket) {
        if let detection = session?["audio"]?["input"]?["turn_detection"] { self.isLive = !detection.isNull }
        self.send(["type": "session.updated", "session": ["id": "sess_echo", "type": "realtime"]], to: socket)
    }

    // MARK: Live

    private func echo(_ audio: UnsafeRawBufferPointer, to socket: WebSocket) {
        if self.chunksLeft == 0 {
            self.finish(socket, status: "completed")
            self.begin(socket)
        }
        self.chunksLeft -= 1
        self.sendDelta(audio, isStamped: StampedChunk.isMarkText(audio, at: 0), to: socket)
    }

    private func sendDelta(_ audio: UnsafeRawBufferPointer, isStamped: Bool, to socket: WebSocket) {
        self.frame.removeLast(self.frame.count - self.headBytes)
        self.frame.append(contentsOf: audio)
        self.frame.append(0x22)
        self.frame.append(0x7D)
        let start = self.headBytes
        self.frame.withUnsafeMutableBytes { frame in
            if isStamped {
                let end = start + StampedChunk.windowCharacters
                Self.writeEcho(UnsafeMutableRawBufferPointer(rebasing: frame[start..<end]))
            }
            _ = socket.send(text: UnsafeRawBufferPointer(frame))
        }
    }

    /// Stamps a stamp: only its few base64 groups are read and written.
    private static func writeEcho(_ window: UnsafeMutableRawBufferPointer) {
        withUnsafeTemporaryAllocation(byteCount: StampedChunk.windowBytes, alignment: 8) { bytes in
            guard Base64.decode(UnsafeRawBufferPointer(window), into: bytes) != nil else { return }
            StampedChunk.writeEcho(LoadClock.nanoseconds, to: bytes)
            Base64.encode(UnsafeRawBufferPointer(bytes), into: window)
        }
    }

    private func begin(_ socket: WebSocket) {
        self.replies += 1
        self.chunksLeft = Self.chunksPerReply
        self.send(["type": "response.created", "response": ["id": .string("resp_\(self.replies)")]], to: socket)
        let head = """
            {"type":"response.output_audio.delta","response_id":"resp_\(self.replies)",\
            "item_id":"item_\(self.replies)","delta":"
            """
        self.frame = Array(head.utf8)
        self.headBytes = self.frame.count
    }

    private func finish(_ socket: WebSocket, status: String) {
        guard self.headBytes > 0 else { return }
        (self.headBytes, self.chunksLeft, self.frame) = (0, 0, [])
        let done: JSONValue = ["id": .string("resp_\(self.replies)"), "status": .string(status)]
        self.send(["type": "response.done", "response": done], to: socket)
    }

    // MARK: In turns

    private func hold(_ audio: UnsafeRawBufferPointer) {
        guard var bytes = Base64.decode(audio), self.held.count + bytes.count <= Self.maxHeldBytes else { return }
        let now = LoadClock.nanoseconds
        bytes.withUnsafeMutableBytes { bytes in
            for start in stride(from: 0, to: bytes.count - StampedChunk.byteCount, by: 2)
            where StampedChunk.isMark(UnsafeRawBufferPointer(bytes), at: start) {
                StampedChunk.writeEcho(now, to: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
            }
        }
        self.held += bytes
    }

    /// What was committed; an empty reply, which is the shortest, where a greeting is asked for.
    private func answer(_ socket: WebSocket) {
        self.finish(socket, status: "completed")
        self.begin(socket)
        let audio = self.committed
        self.committed = []
        for start in stride(from: 0, to: audio.count, by: Self.deltaBytes) {
            let text = audio[start..<min(start + Self.deltaBytes, audio.count)].withUnsafeBytes { Base64.encode($0) }
            text.withUnsafeBytes { self.sendDelta($0, isStamped: false, to: socket) }
        }
        self.finish(socket, status: "completed")
    }

    private func send(_ event: JSONValue, to socket: WebSocket) {
        _ = socket.send(text: event.encoded)
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {}
}
