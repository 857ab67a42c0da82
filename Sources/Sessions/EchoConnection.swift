import RealtimeProtocol

/// Answers every turn of the user with the turn itself: a persona in echo mode has no model.
///
/// Confined to the session's executor, as every connection is. What it has to say it says later, never from within a call.
final class EchoConnection: RealtimeConnection, @unchecked Sendable {
    // `@unchecked`: every variable is touched on the session's executor alone.
    /// What is echoed at most: three minutes of PCM16 mono at 24 kHz.
    private static let maxBytes = 180 * 48_000

    let capabilities = RealtimeCapabilities(detectsTurns: false)
    let model = "echo"
    var remainingLife: Duration? { nil }
    var queuedBytes: Int { 0 }

    private let executor: any SessionExecutor
    private let handler: @Sendable (RealtimeConnectionEvent) -> Void
    private var heard: [UInt8] = []
    private var committed: [UInt8] = []
    private var typed: String?
    private var lastItem: String?
    private var count = 0
    private var isClosed = false

    init(executor: any SessionExecutor, handler: @escaping @Sendable (RealtimeConnectionEvent) -> Void) {
        self.executor = executor
        self.handler = handler
        self.say(.sessionCreated(SessionSummary(id: "echo")))
    }

    func send(_ event: RealtimeClientEvent) -> SendOutcome {
        guard !self.isClosed else { return .closed }
        switch event {
        case .sessionUpdate: self.say(.sessionUpdated(SessionSummary(id: "echo")))
        case .appendInputAudio(let audio): self.hear(audio)
        case .clearInputAudio:
            self.heard = []
            self.say(.inputAudioCleared)
        case .commitInputAudio: self.commit()
        case .createItem(.userText(_, let text), _): self.typed = text
        case .createResponse: self.respond()
        case .cancelResponse, .createItem, .truncateItem, .deleteItem: break
        }
        return .sent
    }

    func appendInputAudio(_ audio: UnsafeRawBufferPointer) -> SendOutcome {
        guard !self.isClosed else { return .closed }
        self.hear(Array(audio))
        return .sent
    }

    func close() {
        self.isClosed = true
    }

    private func hear(_ audio: [UInt8]) {
        self.heard += audio.prefix(Self.maxBytes - self.heard.count)
    }

    private func commit() {
        self.count += 1
        let item = "echo_item_\(self.count)"
        self.committed = self.heard
        self.heard = []
        self.say(.inputAudioCommitted(itemID: item, previousItemID: self.lastItem))
        self.lastItem = item
    }

    private func respond() {
        self.count += 1
        let id = "echo_\(self.count)"
        let part = OutputPart(responseID: id, itemID: "echo_item_\(self.count)")
        self.lastItem = part.itemID
        var events: [RealtimeServerEvent] = [.responseCreated(id: id, metadata: [:])]
        if let text = self.typed {
            events.append(.textDone(part, text: text))
        } else if !self.committed.isEmpty {
            events += [.audioDelta(part, audio: self.committed), .audioDone(part)]
        }
        self.typed = nil
        self.committed = []
        self.say(events + [.responseDone(ResponseSummary(id: id, status: .completed))])
    }

    private func say(_ events: RealtimeServerEvent...) { self.say(events) }

    private func say(_ events: [RealtimeServerEvent]) {
        self.executor.execute { [weak self] in
            guard let self, !self.isClosed else { return }
            for event in events where !self.isClosed { self.handler(.event(event)) }
        }
    }
}
