import Audio
import Observability
import RealtimeProtocol
import Transport

/// One connection to a realtime model, as its session sees it: the first endpoint that begins a session in time.
///
/// Confined to the event loop that it was opened on, which is its owner's executor; the socket traps elsewhere.
public final class RealtimeClient: RealtimeConnection, @unchecked Sendable {
    public typealias Handler = @Sendable (RealtimeConnectionEvent) -> Void

    private let lines: LoopLines
    private let loop: EventLoop
    private let metrics: UpstreamMetrics
    private let startedAt = ContinuousClock.now
    // The state below is touched on `loop` alone, checked by `loop.checkIsolated()` in every entry.
    private var link: ModelLink?
    private var handler: Handler?
    /// Which of the endpoints is tried or used.
    private var position = 0
    private var isReady = false
    private var wasPooled = false
    private var failures: [UpstreamFailure] = []
    private var patience: ScheduledTask?
    private var inputRate = InputRate(24_000)

    /// Starts to connect. Call it on the loop of `lines`.
    init(_ lines: LoopLines, metrics: UpstreamMetrics, handler: @escaping Handler) {
        self.lines = lines
        self.loop = lines.loop
        self.metrics = metrics
        self.handler = handler
        metrics.open.increment()
        self.tryNext()
    }

    // MARK: Dialling

    /// Takes the next endpoint that may be dialled; the last word is told after `connect` has returned.
    private func tryNext() {
        while self.position < self.lines.count {
            switch self.lines.link(self.position) {
            case .success(let link): return self.adopt(link)
            case .failure(let refusal): self.failures.append(refusal)
            }
            self.position += 1
        }
        self.loop.execute { [weak self] in self?.giveUp() }
    }

    private func adopt(_ link: ModelLink) {
        self.link = link
        link.listener = { [weak self] in self?.heard($0) }
        if let session = link.session {
            self.wasPooled = true
            return self.loop.execute { [weak self] in self?.becameReady(session) }
        }
        guard self.position + 1 < self.lines.count else { return }
        self.patience = self.loop.schedule(after: self.lines.patience) { [weak self] in self?.lostPatience() }
    }

    /// The endpoint takes too long, and there is another.
    private func lostPatience() {
        guard !self.isReady, let link = self.link else { return }
        let failure = UpstreamFailure(.timeout, "the model did not begin a session in time")
        link.close(blaming: failure)
        self.metrics.failures(.timeout).increment()
        self.linkEnded(failure)
    }

    private func linkEnded(_ failure: UpstreamFailure) {
        self.link = nil
        self.patience?.cancel()
        guard !self.isReady else { return self.finish(.closed(failure)) }
        self.failures.append(failure)
        self.position += 1
        self.tryNext()
    }

    private func giveUp() {
        guard self.link == nil else { return }
        // What another attempt may mend is told before what it does not.
        let failure = self.failures.first(where: \.isRetriable) ?? self.failures.first
        self.finish(.failed(failure ?? UpstreamFailure(.transient, "there is no endpoint")))
    }

    private func finish(_ event: RealtimeConnectionEvent) {
        guard let handler = self.handler else { return }
        self.handler = nil
        self.metrics.open.decrement()
        handler(event)
    }

    // MARK: Hearing

    private func heard(_ event: ModelLink.Event) {
        switch event {
        case .ready(let session): self.becameReady(session)
        case .ended(let failure): self.linkEnded(failure)
        case .drained: self.handler?(.drained)
        case .event(let event):
            if let session = self.link?.session { self.becameReady(session) }
            self.handler?(.event(event))
        }
    }

    private func becameReady(_ session: SessionSummary) {
        guard !self.isReady, let handler = self.handler else { return }
        self.isReady = true
        self.patience?.cancel()
        self.metrics.ready(pooled: self.wasPooled).observe(.now - self.startedAt)
        self.inputRate = InputRate(self.dialect.inputSampleRate)
        if self.position > 0 { self.metrics.failovers.increment() }
        if !self.wasPooled { self.lines.reached(self.position) }
        handler(.event(.sessionCreated(session)))
    }

    // MARK: RealtimeConnection

    public var capabilities: RealtimeCapabilities {
        self.link?.route.endpoint.capabilities ?? RealtimeCapabilities()
    }

    public var model: String { self.link?.route.endpoint.model ?? "" }

    public var remainingLife: Duration? { self.link?.remainingLife(limit: self.lines.sessionLimit) }

    private var dialect: RealtimeDialect { self.link?.route.endpoint.dialect ?? .openAI }

    @discardableResult
    public func send(_ event: RealtimeClientEvent) -> SendOutcome {
        switch event {
        case .commitInputAudio: self.sendTail()
        case .clearInputAudio: self.inputRate.reset()
        default: break
        }
        // What the server does not know is as good as done.
        guard let text = event.encoded(in: self.dialect) else { return self.link == nil ? .closed : .sent }
        return self.send(text)
    }

    @discardableResult
    public func appendInputAudio(_ audio: UnsafeRawBufferPointer) -> SendOutcome {
        guard !self.inputRate.isIdentity else { return self.append(audio) }
        do throws(AudioError) {
            return try self.inputRate.convert(audio).withUnsafeBytes { self.append($0) }
        } catch {
            return self.skipped(error)
        }
    }

    private func append(_ audio: UnsafeRawBufferPointer) -> SendOutcome {
        guard !audio.isEmpty else { return .sent }
        var text: [UInt8] = []
        RealtimeClientEvent.appendInputAudio(audio, to: &text)
        return self.send(text)
    }

    /// What the converter still holds of a turn goes before the turn's end.
    private func sendTail() {
        do throws(AudioError) {
            _ = try self.inputRate.finish().withUnsafeBytes { self.append($0) }
        } catch {
            _ = self.skipped(error)
        }
    }

    private func skipped(_ error: AudioError) -> SendOutcome {
        self.metrics.dropped.increment()
        return .dropped
    }

    private func send(_ text: [UInt8]) -> SendOutcome {
        self.loop.checkIsolated()
        guard self.handler != nil, let link = self.link else { return .closed }
        switch link.send(text) {
        case .sent: return .sent
        case .buffered: return .buffered
        case .closed: return .closed
        case .dropped:
            self.metrics.dropped.increment()
            return .dropped
        }
    }

    public var queuedBytes: Int {
        self.loop.checkIsolated()
        return self.link?.queuedBytes ?? 0
    }

    public func close() {
        self.loop.checkIsolated()
        self.patience?.cancel()
        self.link?.close()
        self.link = nil
        guard self.handler != nil else { return }
        self.handler = nil
        self.metrics.open.decrement()
    }
}
