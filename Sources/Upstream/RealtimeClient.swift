import Observability
import RealtimeProtocol
import Transport

/// One connection to a realtime model over a WebSocket.
///
/// Confined to the event loop that it was opened on, which is its owner's executor; the socket traps elsewhere.
public final class RealtimeClient: RealtimeConnection, WebSocketHandler, @unchecked Sendable {
    public typealias Handler = @Sendable (RealtimeConnectionEvent) -> Void

    public let capabilities: RealtimeCapabilities
    private let log: Log
    private let metrics: UpstreamMetrics
    // The state below is touched on `loop` alone, checked by `loop.checkIsolated()` in every entry.
    private let loop: EventLoop
    private var socket: WebSocket?
    private var handler: Handler?
    private var isOpen = false

    /// Starts to connect. Call it on `loop`.
    init(
        endpoint: RealtimeEndpoint, target: WebSocketTarget, loop: EventLoop, log: Log, metrics: UpstreamMetrics,
        handler: @escaping Handler
    ) {
        loop.checkIsolated()
        self.capabilities = endpoint.capabilities
        self.loop = loop
        self.log = log
        self.metrics = metrics
        self.handler = handler
        metrics.open.increment()
        self.socket = loop.connect(target, handler: self)
    }

    // MARK: RealtimeConnection

    @discardableResult
    public func send(_ event: RealtimeClientEvent) -> SendOutcome {
        self.loop.checkIsolated()
        guard self.isOpen, let socket = self.socket else { return .closed }
        return self.outcome(socket.send(text: event.encoded))
    }

    @discardableResult
    public func appendInputAudio(_ audio: UnsafeRawBufferPointer) -> SendOutcome {
        self.loop.checkIsolated()
        guard self.isOpen, let socket = self.socket else { return .closed }
        var text: [UInt8] = []
        RealtimeClientEvent.appendInputAudio(audio, to: &text)
        return self.outcome(socket.send(text: text))
    }

    public var queuedBytes: Int {
        self.loop.checkIsolated()
        return self.socket?.bufferedBytes ?? 0
    }

    public func close() {
        self.loop.checkIsolated()
        self.handler = nil
        self.isOpen = false
        self.socket?.close(code: 1000, reason: "")
    }

    private func outcome(_ result: SendResult) -> SendOutcome {
        switch result {
        case .sent: return .sent
        case .buffered: return .buffered
        case .closed: return .closed
        case .dropped:
            self.metrics.dropped.increment()
            return .dropped
        }
    }

    // MARK: WebSocketHandler

    public func opened(_ socket: WebSocket) {
        self.isOpen = self.handler != nil
    }

    public func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard let handler = self.handler else { return }
        do {
            handler(.event(try RealtimeServerEvent(decoding: text)))
        } catch {
            // One bad event is skipped; a model that sends nothing else runs into the session's own deadlines.
            self.metrics.malformed.increment()
            self.log.debug(
                "upstream event skipped", [.reason: .text(error.description), .byteCount: .integer(text.count)])
        }
    }

    /// No dialect that is spoken here sends binary frames.
    public func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.metrics.malformed.increment()
    }

    public func drained(_ socket: WebSocket) {
        self.handler?(.drained)
    }

    public func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        let wasOpen = self.isOpen
        self.isOpen = false
        self.socket = nil
        self.metrics.open.decrement()
        guard let handler = self.handler else { return }
        self.handler = nil
        let failure = UpstreamFailure(close)
        self.metrics.failures(failure.failureClass).increment()
        handler(wasOpen ? .closed(failure) : .failed(failure))
    }
}
