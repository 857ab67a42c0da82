import Observability
import RealtimeProtocol

// What a session costs.
extension VoiceSession {
    /// What this session has used so far.
    public var usage: SessionUsage { self.figures.usage }

    /// Every response that ends is counted, whether anybody heard it or not.
    func meter(_ event: RealtimeServerEvent, of connection: any RealtimeConnection) {
        guard case .responseDone(let summary) = event else { return }
        let prices = self.services.prices[connection.model]
        self.figures.usage.add(summary.usage, at: prices)
        guard let usage = summary.usage else { return }
        self.services.metrics.count(usage, cost: prices?.cost(of: usage))
    }

    func meterMicrophone(_ pcm: UnsafeRawBufferPointer) {
        // PCM16 mono at 24 kHz: 48 bytes are a millisecond.
        let milliseconds = pcm.count / 48
        self.figures.usage.audioInMs += milliseconds
        self.services.metrics.audioIn.increment(by: milliseconds)
    }

    /// The session's one last line.
    func logEnd(code: Int) {
        let usage = self.figures.usage
        var log = self.log
        if let cost = usage.cost { log = log.with(.cost, .number((cost * 1_000_000).rounded() / 1_000_000)) }
        log.info(
            "session ended",
            [
                .closeCode: .integer(code), .durationMs: .integer(self.nowMs), .turns: .integer(self.figures.turns),
                .personaID: .text(self.machine.persona?.id.rawValue ?? ""),
                .audioInMs: .integer(usage.audioInMs), .audioMs: .integer(usage.audioOutMs),
                .textTokensIn: .integer(usage.tokens[.textIn]),
                .cachedTextTokensIn: .integer(usage.tokens[.cachedTextIn]),
                .audioTokensIn: .integer(usage.tokens[.audioIn]),
                .cachedAudioTokensIn: .integer(usage.tokens[.cachedAudioIn]),
                .textTokensOut: .integer(usage.tokens[.textOut]), .audioTokensOut: .integer(usage.tokens[.audioOut]),
            ])
    }
}
