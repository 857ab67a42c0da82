import Audio
import Foundation
import JSON
import Observability
import RealtimeProtocol
import Transport

/// One client of the engine: performs what the `EngineMachine` decides. Lives on its socket's loop, and owns the
/// syntheses and timers of its responses.
actor EngineSession: WebSocketHandler {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }
    let services: EngineServices
    private let seat: Seat?
    let log: Log
    var machine: EngineMachine
    private var eventIDs = IdentifierSource.random()
    var sink: (any EventSink)?
    private var expiry: ScheduledTask?
    var runs: [String: SpeechRun] = [:]
    /// By the item whose words they find.
    var transcriptions: [String: RunningTranscription] = [:]
    let recorder: SessionRecorder?
    /// Made when there is something to hear.
    lazy var detector = self.services.configuration.detector.makeDetector()

    init(loop: EventLoop, model: String, settings: SessionSettings, services: EngineServices, seat: Seat?) {
        var ids = IdentifierSource.random()
        let salt = ids.salt
        let identity = SessionIdentity(
            id: ids.next("sess"), conversationID: ids.next("conv"), model: model,
            expiresAt: Int(Date().timeIntervalSince1970) + services.configuration.maxSessionSeconds)
        self.loop = loop
        self.services = services
        self.seat = seat
        self.log = services.log.with(.upstreamID, .text(identity.id))
        self.machine = EngineMachine(
            identity: identity, ids: ids, settings: settings, limits: services.configuration.machineLimits,
            abilities: services.models.abilities)
        self.recorder = services.configuration.recording.flatMap { SessionRecorder($0, salt: salt) }
        self.recorder?.write(
            .opened(
                RecordedOpening(
                    salt: salt, model: model, expiresAt: identity.expiresAt, detector: services.configuration.detector,
                    keepsAudio: services.configuration.recording?.keepsAudio == true)))
    }

    // MARK: WebSocketHandler

    nonisolated func opened(_ socket: WebSocket) {
        self.assumeIsolated { $0.begin(socket) }
    }

    nonisolated func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        // Borrowed for this call, which runs on the session's loop from beginning to end.
        nonisolated(unsafe) let text = text
        self.assumeIsolated { $0.take(text) }
    }

    nonisolated func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.assumeIsolated { $0.refuse(.refusal("invalid_event", "Events are text frames.")) }
    }

    nonisolated func drained(_ socket: WebSocket) {
        self.assumeIsolated { session in
            for id in session.runs.keys { session.pump(id) }
        }
    }

    nonisolated func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.assumeIsolated { $0.finish(close.code) }
    }

    // MARK: From beginning to end

    func begin(_ sink: any EventSink) {
        self.sink = sink
        self.services.metrics.sessions.increment()
        self.log.debug("engine session opened")
        let seconds = self.services.configuration.maxSessionSeconds
        self.expiry = self.loop.schedule(after: .seconds(seconds)) { [weak self] in
            self?.assumeIsolated { session in
                session.recorder?.write(.expired(afterMinutes: seconds / 60))
                session.perform(session.machine.expired(afterMinutes: seconds / 60))
            }
        }
        self.perform(self.machine.opened())
    }

    func finish(_ closeCode: Int) {
        guard self.sink != nil else { return }
        self.sink = nil
        self.expiry?.cancel()
        for run in self.runs.values { run.cancel() }
        self.runs = [:]
        for running in self.transcriptions.values { running.cancel() }
        self.transcriptions = [:]
        self.services.metrics.sessions.decrement()
        self.log.debug("engine session ended", [.closeCode: .integer(closeCode)])
    }

    // MARK: What the client says

    func take(_ text: UnsafeRawBufferPointer) {
        guard text.count <= self.services.configuration.maxEventBytes else { return self.refuse(.tooLarge) }
        if let audio = Self.audio(in: text), let bytes = Base64.decode(audio) {
            self.recorder?.heard(text)
            return self.perform(self.machine.audioAppended(bytes))
        }
        guard text.count <= self.services.configuration.maxControlEventBytes else { return self.refuse(.tooLarge) }
        self.recorder?.heard(text)
        let (event, id) = ClientEvent.decode(text)
        self.perform(self.machine.received(event, id: id))
    }

    /// The payload of an append event that is as it should be, in place; anything odd takes the long way.
    private static func audio(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let event = ShallowObject(text), event.equals("type", "input_audio_buffer.append") else { return nil }
        let id = event.plainBytes("event_id")
        guard event.count == (id == nil ? 2 : 3), id?.count ?? 0 <= 512 else { return nil }
        return event.plainBytes("audio")
    }

    private func refuse(_ error: RealtimeError) {
        self.recorder?.write(.refused(error.json))
        self.perform(self.machine.received(.failure(error), id: nil))
    }

    // MARK: Actions

    func perform(_ actions: [EngineAction], audio: [Int16] = []) {
        for action in actions where self.sink != nil { self.perform(action, audio) }
    }

    private func perform(_ action: EngineAction, _ audio: [Int16]) {
        switch action {
        case .send(let event):
            if event.type == "error" { self.services.metrics.refusedEvents.increment() }
            self.send(event.encoded(eventID: self.eventIDs.next("event")))
        case .sendAudio(let responseID, let itemID, let format):
            self.sendAudio(audio, responseID, itemID, format)
        case .speak(let responseID, let request): self.speak(request, responseID)
        case .expectWords(let responseID): self.expectWords(responseID)
        case .compose(let responseID, let request): self.compose(request, responseID)
        case .speechIsWritten(let responseID): self.finishWriting(responseID)
        case .judge(let frames, let threshold): self.judge(frames, threshold: threshold)
        case .transcribe(let itemID, let hearing): self.transcribe(hearing, itemID)
        case .responseEnded(let id, let status):
            self.runs.removeValue(forKey: id)?.cancel()
            self.services.metrics.responses(status.name).increment()
        case .close(let code, let reason): self.sink?.close(code: code, reason: reason)
        }
    }

    private func sendAudio(_ audio: [Int16], _ responseID: String, _ itemID: String, _ format: AudioFormat) {
        do throws(AudioError) {
            guard let bytes = try self.runs[responseID]?.encode(audio, as: format), !bytes.isEmpty else { return }
            self.services.metrics.spokenMs.increment(by: audio.count / 24)
            self.send(
                AudioDelta.encoded(
                    bytes, responseID: responseID, itemID: itemID, eventID: self.eventIDs.next("event")))
        } catch {
            self.log.warning("speech cannot be coded", [.errorMessage: .text(error.message)])
            self.recorder?.write(.speechFailed(responseID: responseID))
            self.perform(self.machine.speechFailed(responseID))
        }
    }

    private func send(_ text: [UInt8]) {
        self.recorder?.said(text)
        guard self.sink?.send(text: text) == .dropped else { return }
        // An event that is missing leaves a client with a conversation that is not ours.
        self.log.info("engine client reads too slowly", [.queueBytes: .integer(self.sink?.bufferedBytes ?? 0)])
        self.sink?.close(code: 1008, reason: "events are not read")
    }
}

extension RealtimeError {
    fileprivate static let tooLarge = Self.refusal("string_above_max_length", "The event is too large.")
}
