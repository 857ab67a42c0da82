import ClientProtocol
import Personas

// Personas that have to be fetched: what the client says meanwhile waits, in order.
extension VoiceSession {
    // Its socket is not read meanwhile: these came in the same breath as the choice.
    private static let maxHeldMessages = 256

    /// Asks for a persona that is not at hand.
    func lookUp(
        _ request: PersonaRequest,
        _ find: @escaping @Sendable (String, String?, String) async -> Result<CompiledPersona, PersonaRefusal>
    ) {
        let user = self.identity.user
        self.pauseReading()
        self.lookup = Task { [weak self] in
            let answer = await find(request.id, request.mode, user)
            await self?.found(answer, request)
        }
    }

    private func found(_ answer: Result<CompiledPersona, PersonaRefusal>, _ request: PersonaRequest) {
        guard !self.isOver, !Task.isCancelled else { return }
        self.lookup = nil
        switch answer {
        case .success(let persona): self.begin(persona, request)
        case .failure(let refusal): self.tell(refusal.code, refusal.message)
        }
        self.resumeReading()
        // One of them may ask for another persona: what follows it waits again.
        let held = self.heldMessages
        self.heldMessages = []
        for message in held where !self.isOver { self.arrived(message) }
    }

    /// A message of the client's, in its turn.
    func arrived(_ message: ClientMessage) {
        if self.lookup == nil || message == .bye { self.handle(message) } else { self.hold(message) }
    }

    /// Keeps a message for when the persona is there.
    func hold(_ message: ClientMessage) {
        guard self.heldMessages.count < Self.maxHeldMessages else {
            return self.close(.flood, .rateLimited, "more messages than can wait for a persona")
        }
        self.heldMessages.append(message)
    }

    /// Tells whoever keeps count with whom this session has talked.
    func reportVisits(code: Int) {
        let isBroken = CloseCode(rawValue: code).map { !Self.goodEnds.contains($0) } ?? true
        let visits = self.visits.finish(turns: self.figures.turns, nowMs: self.nowMs, isBroken: isBroken)
        if !visits.isEmpty { self.services.onVisits?(self.identity, visits) }
    }

    private static let goodEnds: Set<CloseCode> = [.done, .goingAway, .superseded]
}
