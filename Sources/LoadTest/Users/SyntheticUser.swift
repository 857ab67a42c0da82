import JSON
import Transport

/// One user: a connection, a microphone, an ear with a stopwatch. Confined to its event loop, like its socket.
final class SyntheticUser: WebSocketHandler, @unchecked Sendable {
    /// What is particular about a user.
    struct Card: Sendable {
        var number: Int
        var dialect: LoadDialect
        var target: WebSocketTarget
        var behaviour: Behaviour
        var personas: [String]
        var seed: UInt64
        /// Of one message of the microphone.
        var chunkMilliseconds: Int
    }

    enum Phase: Equatable {
        case idle, connecting, ready
        /// Lost its connection on purpose; comes back at this time.
        case away(until: UInt64)
        case ended
    }

    let card: Card
    unowned let crowd: UserLoop
    let board: LoadBoard
    private(set) var socket: WebSocket?
    private(set) var phase = Phase.idle
    private var connections = 0
    /// Attempts since one brought the user in.
    private var attempts = 0
    private var resumeToken: String?

    var script: UserScript
    /// When the user could talk for the first time.
    private(set) var begunAt: UInt64 = 0
    var persona: Int
    var microphone = MicrophoneState()
    var ear = EarState()
    // Apart from the rest, which it calls back into while it reads.
    var reader: StampReader
    var turns = TurnState()
    var opus: OpusEar?

    init(_ card: Card, on crowd: UserLoop) {
        self.card = card
        self.crowd = crowd
        self.board = crowd.board(card.dialect)
        let seed = card.seed &+ UInt64(card.number) &* 0x9E37_79B9_7F4A_7C15
        self.script = UserScript(card.behaviour, seed: seed)
        self.persona = card.number % card.personas.count
        self.reader = StampReader(chunkBytes: card.chunkMilliseconds * Voice.bytesPerMillisecond)
        if card.dialect == .opus { self.opus = OpusEar(chunkMilliseconds: card.chunkMilliseconds) }
    }

    func connect() {
        self.phase = .connecting
        self.socket = self.crowd.loop.connect(self.card.target, handler: self)
    }

    /// For good.
    func leave() {
        self.becomeUnready()
        self.phase = .ended
        self.socket?.close(code: 1000)
    }

    /// As a phone that loses its network, and comes back.
    func drop(_ now: UInt64, for nanoseconds: UInt64) {
        self.becomeUnready()
        self.phase = .away(until: now + nanoseconds)
        self.socket?.close(code: 1001)
        self.socket = nil
    }

    /// - Parameter due: when this tick should have been; a user who is late speaks no later for it.
    func tick(_ now: UInt64, due: UInt64) {
        switch self.phase {
        case .ready: self.live(now, due)
        case .away(let until) where now >= until && self.crowd.isTalking: self.connect()
        default: break
        }
    }

    func send(_ message: JSONValue) {
        self.socket?.send(text: message.encoded)
    }

    // MARK: WebSocketHandler

    func opened(_ socket: WebSocket) {
        self.connections += 1
        self.board.figures.connects += 1
        if self.connections > 1 { self.board.figures.reconnects += 1 }
        switch self.card.dialect {
        case .legacy: self.choosePersona()
        case .json, .binary, .opus:
            self.send(Greeting.hello(self.card.dialect, self.card.chunkMilliseconds, resumeToken: self.resumeToken))
            if !self.card.dialect.isFramed { self.choosePersona() }
        case .realtime: break
        }
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard socket === self.socket, !self.hear(text) else { return }
        guard let event = ShallowObject(text) else { return }
        self.take(event)
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard socket === self.socket else { return }
        self.hear(frame: binary)
    }

    func drained(_ socket: WebSocket) {}

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        guard socket === self.socket else { return }
        self.socket = nil
        guard self.phase != .ended else { return }
        if self.phase == .ready { self.board.figures.lostConnections += 1 }
        self.board.count(Self.name(of: close))
        self.becomeUnready()
        self.phase = .away(until: LoadClock.nanoseconds + Self.patience(self.attempts))
        self.attempts += 1
    }

    /// As a good client waits: from 1 s on twice as long each time, up to 16 s.
    private static func patience(_ attempts: Int) -> UInt64 { 1_000_000_000 << UInt64(min(attempts, 4)) }

    private static func name(of close: WebSocketClose) -> String {
        switch close.cause {
        case .connectFailed(let error): error.httpStatus.map { "http_\($0)" } ?? error.code.rawValue
        case .timeout: "silent_peer"
        case .peer, .local, .reset: "close_\(close.code)"
        }
    }

    // MARK: Getting ready

    func choosePersona(switchID: String? = nil) {
        var config: [String: JSONValue] = [
            "type": "config", "astrologer_id": .string(self.card.personas[self.persona]), "greet": false,
        ]
        config["switch_id"] = switchID.map(JSONValue.string)
        self.send(.object(config))
    }

    private func take(_ event: ShallowObject) {
        guard let type = event.string("type") else { return }
        switch type {
        case "welcome": self.welcomed(event)
        case "config_ack": self.personaReady()
        case "session.created": self.send(Greeting.realtime)
        case "session.updated": self.becomeReady()
        case "clear": self.cleared()
        case "session": self.resumeToken = event.string("resume_token") ?? self.resumeToken
        case "warning": self.board.figures.warnings[event.string("code") ?? "unknown", default: 0] += 1
        case "error": self.failed(event)
        default: break
        }
    }

    private func welcomed(_ event: ShallowObject) {
        self.resumeToken = event.string("resume_token") ?? self.resumeToken
        guard self.card.dialect.isFramed else { return }
        if let refusal = Greeting.refusal(self.card.dialect, features: event.value("features"), event.value("audio")) {
            self.crowd.refusal = refusal
        } else {
            self.choosePersona()
        }
    }

    private func failed(_ event: ShallowObject) {
        // Of a Realtime model the code is a level deeper.
        let code = event.string("code") ?? event.value("error")?["code"]?.string ?? "unknown"
        self.board.count(code)
        guard self.card.dialect.isFramed, self.phase == .connecting else { return }
        self.crowd.refusal = """
            the gateway refuses the dialect \(self.card.dialect.rawValue): \(code), \(event.string("message") ?? "no reason")
            """
    }

    private func personaReady() {
        if self.phase == .ready { self.switched() } else { self.becomeReady() }
    }

    private func becomeReady() {
        guard self.phase == .connecting else { return }
        self.phase = .ready
        self.crowd.ready += 1
        self.attempts = 0
        let now = LoadClock.nanoseconds
        if self.begunAt == 0 { self.begunAt = now }
        self.startTalking(now)
    }

    private func becomeUnready() {
        guard self.phase == .ready else { return }
        self.crowd.ready -= 1
        self.excuseOutstanding()
    }
}
