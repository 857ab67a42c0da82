import Audio
import ClientProtocol
import Observability
import Personas
import RealtimeProtocol

@testable import Sessions

/// A session with its user, its model and its time in the hands of a test.
struct Call {
    let executor = QueueExecutor()
    let clock = ManualClock()
    let downstream = RecordingDownstream()
    let model = FakeModel()
    let services: SessionServices
    let session: VoiceSession

    init(
        style: SessionStyle = .mobile, defaultPersona: String? = nil, persona: String? = nil, desk: ResumeDesk? = nil,
        configure: (inout SessionServices) -> Void = { _ in }
    ) {
        var services = SessionServices(
            personas: { id, _ in
                switch id {
                case "tina": .success(.tina)
                case "mohit": .success(.mohit)
                case "quiet": .success(.quiet)
                default: .failure(PersonaRefusal(.personaNotFound, "there is no persona of that id"))
                }
            }, defaultPersona: defaultPersona, connector: self.model,
            decoder: UtteranceDecoder(containers: LoudDecoder()),
            greetings: GreetingMemory(), clock: self.clock, metrics: SessionMetrics(MetricsRegistry()), log: .disabled)
        services.resumeDesk = desk
        configure(&services)
        self.services = services
        self.session = VoiceSession(
            executor: self.executor,
            identity: SessionIdentity(id: "s", user: "u", style: style, persona: persona), downstream: self.downstream,
            services: services)
    }

    func perform(_ work: @escaping @Sendable (isolated VoiceSession) -> Void) async {
        let session = self.session
        await self.executor.run { session.assumeIsolated(work) }
    }

    func says(_ text: String) async {
        let bytes = Array(text.utf8)
        await self.perform { session in bytes.withUnsafeBytes { session.received(text: $0) } }
    }

    func sends(_ frame: [UInt8]) async {
        await self.perform { session in frame.withUnsafeBytes { session.received(binary: $0) } }
    }

    func modelSays(_ events: RealtimeServerEvent..., line: Int = 0) async {
        let connection = self.model.lines[line]
        await self.executor.run { for event in events { connection.say(event) } }
    }

    func advance(ms: Int) async {
        let clock = self.clock
        await self.executor.run { clock.advance(ms: ms) }
    }

    /// Chooses a persona that greets nobody, on a line that is ready.
    static func ready(style: SessionStyle = .mobile) async -> Call {
        let call = Call(style: style)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        return call
    }
}
