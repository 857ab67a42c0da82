import ClientProtocol
import Observability
import RealtimeProtocol

/// The figures of all sessions.
public struct SessionMetrics: Sendable {
    let active: Gauge
    let opened: Counter
    let bargeIns: Counter
    let switches: Counter
    let reconnects: Counter
    let rotations: Counter
    let keptSpeechLost: Counter
    let greetingDrifts: Counter
    let scriptMismatches: Counter
    let firstAudio: Histogram
    let audioIn: Counter
    let audioOut: Counter
    let microphoneGaps: Counter
    let waiting: Gauge
    private let registry: MetricsRegistry

    public init(_ registry: MetricsRegistry) {
        self.registry = registry
        self.active = registry.gauge("vaani_sessions_active", "Users that are connected.")
        self.opened = registry.counter("vaani_sessions_total", "Sessions opened since the start.")
        self.bargeIns = registry.counter("vaani_barge_ins_total", "Replies that the user interrupted.")
        self.switches = registry.counter("vaani_persona_switches_total", "Personas switched in a session.")
        self.reconnects = registry.counter(
            "vaani_upstream_reconnects_total", "Model connections that were replaced within a session.")
        self.rotations = registry.counter(
            "vaani_upstream_rotations_total", "Model connections that were replaced before their providers end them.")
        self.keptSpeechLost = registry.counter(
            "vaani_kept_speech_lost_milliseconds_total",
            "Speech that was dropped while no model took it, because more than can be kept came.")
        self.greetingDrifts = registry.counter(
            "vaani_greeting_drifts_total", "Greetings whose transcript was not the persona's text.")
        self.scriptMismatches = registry.counter(
            "vaani_script_mismatches_total", "Transcripts of Hindi that were written in Urdu's script.")
        self.firstAudio = registry.histogram(
            "vaani_first_audio_seconds", "From the end of the user's turn to the first audio of the answer.")
        self.audioIn = registry.counter("vaani_audio_in_milliseconds_total", "Speech received from users.")
        self.audioOut = registry.counter("vaani_audio_out_milliseconds_total", "Speech sent to users.")
        self.microphoneGaps = registry.counter(
            "vaani_microphone_gaps_total", "Binary frames before which others were missing.")
        self.waiting = registry.gauge(
            "vaani_sessions_waiting", "Conversations without a connection that wait for their client.")
    }

    func resumption(_ result: Welcome.Resumption) -> Counter {
        self.registry.counter(
            "vaani_resumptions_total", "Conversations that clients wanted to go on with, by what became of it.",
            labels: ["result": result.rawValue])
    }

    func error(_ code: ErrorCode) -> Counter {
        self.registry.counter(
            "vaani_errors_total", "Errors told to clients, by code.", labels: ["code": code.rawValue])
    }

    /// - Parameter cost: nil where nobody told what the model costs.
    func count(_ usage: TokenUsage, cost: Double?) {
        for kind in TokenUsage.Kind.allCases where usage[kind] > 0 {
            self.registry.counter(
                "vaani_model_tokens_total", "Tokens that models said they used, by kind.",
                labels: ["kind": kind.rawValue]
            ).increment(by: usage[kind])
        }
        guard let cost else { return }
        self.registry.counter(
            "vaani_model_cost_millionths_total",
            "Estimated cost of these tokens, in millionths of the currency of prices_file."
        ).increment(by: Int((cost * 1_000_000).rounded()))
    }

    func count(_ event: SessionEvent) {
        switch event {
        case .bargeIn: self.bargeIns.increment()
        case .personaSwitch: self.switches.increment()
        case .reconnect: self.reconnects.increment()
        case .rotation: self.rotations.increment()
        case .greetingDrift: self.greetingDrifts.increment()
        case .scriptMismatch: self.scriptMismatches.increment()
        case .error(let code): self.error(code).increment()
        }
    }
}
