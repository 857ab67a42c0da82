import Observability
import RealtimeProtocol
import Transport

/// One WebSocket to one endpoint, from dialling to its end. Whoever listens may change: the pool at first, then a client.
///
/// Confined to the event loop that it was dialled on; the socket traps elsewhere.
final class ModelLink: WebSocketHandler, @unchecked Sendable {
    enum Event: Sendable, Equatable {
        /// `session.created` has come.
        case ready(SessionSummary)
        case event(RealtimeServerEvent)
        case drained
        /// The last one.
        case ended(UpstreamFailure)
    }

    let route: Route
    private let loop: EventLoop
    private let log: Log
    private let metrics: UpstreamMetrics
    // The state below is touched on `loop` alone, checked by `loop.checkIsolated()` in every entry.
    private var socket: WebSocket?
    private var isOpen = false
    /// From `session.created` on.
    private(set) var session: SessionSummary?
    private var isJudged = false
    private var watch = ResponseWatch()
    private var watchAlarm: ScheduledTask?
    private let dialledAt = ContinuousClock.now
    private var readyAt: ContinuousClock.Instant?
    var listener: ((Event) -> Void)?

    /// Starts to connect. Call it on `loop`, with the route's permission.
    init(_ route: Route, on loop: EventLoop, log: Log, metrics: UpstreamMetrics) {
        loop.checkIsolated()
        self.route = route
        self.loop = loop
        self.log = log
        self.metrics = metrics
        self.socket = loop.connect(route.target, handler: self)
    }

    func send(_ text: [UInt8]) -> SendResult {
        self.loop.checkIsolated()
        guard self.isOpen, let socket = self.socket else { return .closed }
        return socket.send(text: text)
    }

    var queuedBytes: Int { self.socket?.bufferedBytes ?? 0 }

    /// How long it can still be used: as long as the provider says, and never beyond `limit` from its beginning.
    func remainingLife(limit: Duration) -> Duration? {
        guard let session = self.session, let readyAt = self.readyAt else { return nil }
        let left = limit - (.now - readyAt)
        return max(.zero, session.lifetime.map { min($0, left) } ?? left)
    }

    /// Closes; the listener hears nothing after this call.
    ///
    /// - Parameter failure: what is held against the endpoint, if it was not ready yet.
    func close(blaming failure: UpstreamFailure? = nil) {
        self.loop.checkIsolated()
        self.listener = nil
        self.isOpen = false
        if let failure { self.judge(failure) } else { self.abandon() }
        self.socket?.close(code: 1000, reason: "")
    }

    /// Nobody waits for the outcome any more. An endpoint that was silent for long is to blame all the same.
    private func abandon() {
        guard !self.isJudged else { return }
        guard .now - self.dialledAt < self.route.endpoint.connectTimeout else {
            return self.judge(UpstreamFailure(.timeout, "the model did not begin a session in time"))
        }
        self.isJudged = true
        self.route.abandoned()
    }

    private func judge(_ failure: UpstreamFailure) {
        guard !self.isJudged else { return }
        self.isJudged = true
        self.route.failed(failure)
    }

    private func end(_ failure: UpstreamFailure) {
        self.judge(failure)
        guard let listener = self.listener else { return }
        self.listener = nil
        self.metrics.failures(failure.failureClass).increment()
        listener(.ended(failure))
    }

    // MARK: WebSocketHandler

    func opened(_ socket: WebSocket) {
        self.isOpen = self.listener != nil
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard self.listener != nil else { return }
        do {
            self.heard(try RealtimeServerEvent(decoding: text, in: self.route.endpoint.dialect))
        } catch {
            // One bad event is skipped; a model that sends nothing else runs into the session's own deadlines.
            self.metrics.malformed.increment()
            self.log.debug(
                "upstream event skipped", [.reason: .text(error.description), .byteCount: .integer(text.count)])
        }
    }

    private func heard(_ event: RealtimeServerEvent) {
        switch event {
        case .sessionCreated(let session) where self.session == nil:
            self.session = session
            self.readyAt = .now
            self.isJudged = true
            self.route.succeeded()
            self.listener?(.ready(session))
        case .error(let error) where self.session == nil:
            // Some servers accept everybody and say only then that they are full, or that the key is wrong.
            self.isOpen = false
            self.socket?.close(code: 1000, reason: "")
            self.end(error.asFailureToBegin)
        default:
            self.listener?(.event(event))
            self.watchEnd(of: event)
        }
    }

    private func watchEnd(of event: RealtimeServerEvent) {
        guard let timeout = self.route.endpoint.dialect.responseTimeout else { return }
        switch self.watch.heard(event) {
        case .nothing: break
        case .stopWaiting: self.watchAlarm?.cancel()
        case .wait:
            self.watchAlarm?.cancel()
            self.watchAlarm = self.loop.schedule(after: timeout) { [weak self] in
                guard let self, let end = self.watch.expired() else { return }
                self.listener?(.event(end))
            }
        }
    }

    /// No dialect that is spoken here sends binary frames.
    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.metrics.malformed.increment()
    }

    func drained(_ socket: WebSocket) {
        self.listener?(.drained)
    }

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.isOpen = false
        self.socket = nil
        guard self.listener != nil else { return }
        self.end(UpstreamFailure(close))
    }
}

extension RealtimeError {
    /// What an `error` means that came instead of `session.created`.
    var asFailureToBegin: UpstreamFailure {
        if case .endsSession(let failure) = self.disposition { return failure }
        let name = self.code ?? self.type
        let isFull = name.contains("limit")
        return UpstreamFailure(isFull ? .rateLimited : .transient, "the model began with the error \(name)")
    }
}
