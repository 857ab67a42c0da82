import Observability

/// The figures of the embedded engine.
struct EngineMetrics: Sendable {
    let sessions: Gauge
    let spokenMs: Counter
    let refusedEvents: Counter
    let failedSyntheses: Counter
    let fallbacks: Counter
    let firstAudio: Histogram
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        self.sessions = registry.gauge("vaani_engine_sessions_active", "Open sessions of the embedded engine.")
        self.spokenMs = registry.counter(
            "vaani_engine_audio_milliseconds_total", "Speech that the embedded engine has sent, in milliseconds.")
        self.refusedEvents = registry.counter(
            "vaani_engine_refused_events_total", "Client events that the embedded engine answered with an error.")
        self.failedSyntheses = registry.counter(
            "vaani_engine_failed_syntheses_total", "Replies that the speech synthesizer could not finish.")
        self.fallbacks = registry.counter(
            "vaani_engine_fallbacks_total", "Replies that the language model did not write, or not to their end.")
        self.firstAudio = registry.histogram(
            "vaani_engine_first_audio_seconds", "From a response's beginning to its first audio.")
    }

    /// Responses by how they ended: `completed`, `cancelled`, `incomplete`, `failed`.
    func responses(_ status: String) -> Counter {
        self.registry.counter(
            "vaani_engine_responses_total", "Responses of the embedded engine, by how they ended.",
            labels: ["status": status])
    }
}
