import Observability

/// One WebSocket, of a server or a client. Confined to its event loop: every call from elsewhere traps.
public final class WebSocket: @unchecked Sendable {
    private enum State: Equatable {
        case connecting, open, closing, closed
    }

    public let id = ConnectionID.next()
    public let loop: EventLoop
    let settings: WebSocketSettings
    private let dropped: Counter
    private let onClosed: @Sendable (WebSocketClose) -> Void
    private var handler: (any WebSocketHandler)?
    /// Until the socket is closed. Not weak, though the link holds the socket: a weak reference makes every retain of the
    /// link, several for each message, go through its side table.
    private(set) var link: (any WebSocketLink)?
    private var state = State.connecting
    private var queue: SendQueue
    private var assembler: MessageAssembler
    private(set) var isPaused = false
    private var isCloseSent = false
    private var ending: WebSocketClose?
    private var closeTimer: ScheduledTask?
    private var liveness: Liveness
    private var livenessTimer: ScheduledTask?
    private var address = ""
    private var wantsPing = false

    init(
        loop: EventLoop, settings: WebSocketSettings, handler: any WebSocketHandler, dropped: Counter,
        onClosed: @escaping @Sendable (WebSocketClose) -> Void = { _ in }
    ) {
        self.loop = loop
        self.settings = settings
        self.handler = handler
        self.dropped = dropped
        self.onClosed = onClosed
        self.queue = SendQueue(limit: settings.maxQueuedBytes)
        self.assembler = MessageAssembler(maxBytes: settings.maxMessageBytes, maxFragments: settings.maxFragments)
        self.liveness = Liveness(ping: settings.ping, hangUp: settings.hangUp, now: .now)
        loop.live.sockets.increment()
    }

    deinit {
        self.loop.live.sockets.decrement()
    }

    /// The peer's numeric address, without port; empty before a client connection is open.
    public var remoteAddress: String {
        self.loop.requireCurrent()
        return self.address
    }

    /// Bytes that were accepted by `send` and not by the kernel.
    public var bufferedBytes: Int {
        self.loop.requireCurrent()
        return self.queue.bufferedBytes
    }

    /// Sends a text message, which must be UTF-8.
    @discardableResult
    public func send(text: [UInt8]) -> SendResult {
        text.withUnsafeBytes { self.send(.text, $0) { text } }
    }

    /// Sends a binary message.
    @discardableResult
    public func send(binary: [UInt8]) -> SendResult {
        binary.withUnsafeBytes { self.send(.binary, $0) { binary } }
    }

    /// Sends a text message from borrowed bytes, which are copied only when they have to wait.
    @discardableResult
    public func send(text: UnsafeRawBufferPointer) -> SendResult {
        self.send(.text, text) { Array(text) }
    }

    /// Sends a binary message from borrowed bytes, which are copied only when they have to wait.
    @discardableResult
    public func send(binary: UnsafeRawBufferPointer) -> SendResult {
        self.send(.binary, binary) { Array(binary) }
    }

    /// Sends what is queued, then a close frame, and waits for the peer's for the configured time.
    ///
    /// Before the socket is open this ends the attempt. Later calls do nothing.
    /// - Parameters:
    ///   - code: 1000-1003, 1007-1014 or 3000-4999; any other is no code for the wire and goes out as 1011.
    ///   - reason: UTF-8; what exceeds the 123 bytes of a close frame is cut off.
    public func close(code: Int, reason: String = "") {
        self.loop.requireCurrent()
        switch self.state {
        case .connecting: self.fail(TransportError(.cancelled, "closed before the connection was open"))
        case .open: self.beginClosing(code: code, reason: reason)
        case .closing, .closed: break
        }
    }

    /// Stops reading from the peer, whose kernel then slows it down. Control frames wait as well.
    public func pauseReading() {
        self.loop.requireCurrent()
        self.setPaused(true)
    }

    public func resumeReading() {
        self.loop.requireCurrent()
        self.setPaused(false)
    }

    // MARK: What the link reports

    func attach(_ link: any WebSocketLink) {
        self.link = link
    }

    func open(remoteAddress: String) {
        guard self.state == .connecting, let handler = self.handler else { return }
        self.state = .open
        self.address = remoteAddress
        self.liveness = Liveness(ping: self.settings.ping, hangUp: self.settings.hangUp, now: .now)
        self.watchLiveness()
        handler.opened(self)
    }

    /// A piece of a message. Negative to end the connection.
    func receive(_ bytes: UnsafeRawBufferPointer, _ piece: MessageAssembler.Piece) -> Int32 {
        guard self.state == .open else { return 0 }
        switch self.assembler.take(piece, bytes) {
        case .whole(let isBinary): self.deliver(bytes, isBinary: isBinary)
        case .keep: self.assembler.keep(bytes, announced: piece.remainingInFrame)
        case .complete(let isBinary):
            self.assembler.keep(bytes, announced: 0)
            self.assembler.takeMessage().withUnsafeBytes { self.deliver($0, isBinary: isBinary) }
        case .refuse(let code, let reason): return self.refuse(code: code, reason: reason)
        }
        return 0
    }

    /// A byte of the peer arrived.
    func heard() {
        self.liveness.heard(at: .now)
    }

    /// The peer's close frame; negative when it is not well-formed.
    func receiveClose(_ body: UnsafeRawBufferPointer) -> Int32 {
        let frame = CloseFrame(body)
        guard let frame else { return self.refuse(code: 1002, reason: "close frame is not well-formed") }
        self.end(WebSocketClose(code: frame.code, reason: frame.reason, cause: .peer))
        self.state = .closing
        self.queue.removeAll()
        return 0
    }

    /// The kernel takes bytes again. Negative to end the connection.
    func writable() -> Int32 {
        guard let link = self.link, !self.isCloseSent else { return 0 }
        guard link.flushPartialWrite() else { return -1 }
        guard !link.hasPartialWrite else {
            link.requestWritable()
            return 0
        }
        self.queue.linkHoldsNothing()
        guard self.flush(link) else { return -1 }
        if self.state == .closing, self.ending?.cause != .peer, self.queue.isEmpty { return self.sendClose(link) }
        if self.state == .open, self.queue.takeDrained() { self.handler?.drained(self) }
        return 0
    }

    /// The connection is gone.
    func gone() {
        guard self.state != .closed else { return }
        self.finish(self.ending ?? WebSocketClose(code: 1006, reason: "", cause: .reset))
    }

    /// A client connection that will not open.
    func fail(_ error: TransportError) {
        guard self.state == .connecting else { return }
        let link = self.link
        self.finish(WebSocketClose(code: 1006, reason: "", cause: .connectFailed(error)))
        link?.kill()
    }

    var isConnecting: Bool { self.state == .connecting }
}

// MARK: Sending

extension WebSocket {
    private func send(_ kind: SendQueue.Kind, _ bytes: UnsafeRawBufferPointer, copy: () -> [UInt8]) -> SendResult {
        self.loop.requireCurrent()
        guard self.state == .open, let link = self.link else { return .closed }
        if self.queue.isEmpty, !link.hasPartialWrite { return self.write(kind, bytes, link) }
        guard self.queue.hasRoom(for: bytes.count) else {
            self.dropped.increment()
            return .dropped
        }
        self.queue.append(SendQueue.Message(kind: kind, bytes: copy()))
        link.requestWritable()
        return .buffered
    }

    private func write(_ kind: SendQueue.Kind, _ bytes: UnsafeRawBufferPointer, _ link: any WebSocketLink) -> SendResult
    {
        guard link.write(kind, bytes) else {
            link.kill()
            return .closed
        }
        guard link.hasPartialWrite else { return .sent }
        self.queue.linkHolds(bytes.count)
        link.requestWritable()
        return .buffered
    }

    /// Writes until the kernel is full; false when the connection is broken.
    private func flush(_ link: any WebSocketLink) -> Bool {
        if self.wantsPing {
            self.wantsPing = false
            guard link.writePing() else { return false }
        }
        while !link.hasPartialWrite, let message = self.queue.popFirst() {
            guard message.bytes.withUnsafeBytes({ link.write(message.kind, $0) }) else { return false }
            if link.hasPartialWrite { self.queue.linkHolds(message.bytes.count) }
        }
        if !self.queue.isEmpty { link.requestWritable() }
        return true
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer, isBinary: Bool) {
        if isBinary {
            self.handler?.received(binary: bytes, from: self)
        } else {
            self.handler?.received(text: bytes, from: self)
        }
    }

    private func setPaused(_ paused: Bool) {
        guard self.isPaused != paused, self.state == .open || self.state == .connecting else { return }
        self.isPaused = paused
        self.link?.setReading(!paused)
        if !paused { self.liveness.heard(at: .now) }
    }
}

// MARK: Ending

extension WebSocket {
    private func beginClosing(code: Int, reason: String) {
        let frame = CloseFrame(code: code, reason: reason)
        self.end(WebSocketClose(code: frame.code, reason: frame.reason, cause: .local))
        self.state = .closing
        self.armCloseTimer()
        self.link?.setReading(true)
        self.link?.requestWritable()
    }

    /// Ends the connection for what the peer sent; the result goes back to the library.
    func refuse(code: Int, reason: String) -> Int32 {
        guard self.state == .open || self.state == .closing, let link = self.link else { return -1 }
        let frame = CloseFrame(code: code, reason: reason)
        self.end(WebSocketClose(code: frame.code, reason: frame.reason, cause: .local))
        self.state = .closing
        self.armCloseTimer()
        return self.sendClose(link)
    }

    private func sendClose(_ link: any WebSocketLink) -> Int32 {
        guard let ending = self.ending, !self.isCloseSent else { return 0 }
        self.isCloseSent = true
        return link.writeClose(CloseFrame(code: ending.code, reason: ending.reason))
    }

    private func armCloseTimer() {
        guard self.closeTimer == nil else { return }
        self.closeTimer = self.loop.schedule(after: self.settings.closeTimeout) { self.link?.kill() }
    }

    private func end(_ close: WebSocketClose) {
        if self.ending == nil { self.ending = close }
    }

    private func finish(_ close: WebSocketClose) {
        self.state = .closed
        self.closeTimer?.cancel()
        self.livenessTimer?.cancel()
        self.closeTimer = nil
        self.livenessTimer = nil
        self.queue.removeAll()
        self.link = nil
        let handler = self.handler
        self.handler = nil
        self.onClosed(close)
        handler?.closed(self, close)
    }
}

// MARK: Liveness

extension WebSocket {
    private func watchLiveness() {
        self.livenessTimer = self.loop.schedule(after: self.liveness.untilNextCheck) { self.checkLiveness() }
    }

    private func checkLiveness() {
        guard self.state == .open, let link = self.link else { return }
        let now = ContinuousClock.now
        if let silence = link.silence { self.liveness.heard(at: now - silence) }
        // Who does not read cannot complain of silence: a pong may be among what waits.
        if self.isPaused { self.liveness.heard(at: now) }
        switch self.liveness.check(at: now) {
        case .wait: break
        case .ping:
            self.wantsPing = true
            link.requestWritable()
        case .hangUp:
            self.end(WebSocketClose(code: 1006, reason: "", cause: .timeout))
            return link.kill()
        }
        self.watchLiveness()
    }
}
