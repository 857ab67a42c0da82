import LanguageModels
import Observability

/// The figures of calls to models; a role is a label value, and the configuration holds 32 at most.
struct ModelMetrics: Sendable {
    private let registry: MetricsRegistry

    init(_ registry: MetricsRegistry) {
        self.registry = registry
    }

    /// - Parameter outcome: `answered`, or an error's code.
    func ended(_ role: ModelRole, _ outcome: String, after duration: Duration) {
        self.registry.counter(
            "vaani_model_calls_total", "Calls to language models, by how they ended.",
            labels: ["role": role.rawValue, "outcome": outcome]
        ).increment()
        self.registry.histogram(
            "vaani_model_call_seconds", "From a call to a language model to its end, all tries included.",
            labels: ["role": role.rawValue]
        ).observe(duration)
    }

    func firstText(_ role: ModelRole, after duration: Duration) {
        self.registry.histogram(
            "vaani_model_first_text_seconds", "From a call to a language model to the first text of its answer.",
            labels: ["role": role.rawValue]
        ).observe(duration)
    }

    func used(_ role: ModelRole, _ usage: TokenUsage) {
        for (kind, count) in [("prompt", usage.prompt), ("answer", usage.answer)] {
            self.registry.counter(
                "vaani_model_tokens_total", "Tokens that language models have counted, estimates where they did not.",
                labels: ["role": role.rawValue, "kind": kind]
            ).increment(by: count)
        }
    }

    func retried(_ role: ModelRole) {
        self.registry.counter(
            "vaani_model_retries_total", "Calls to language models that were tried again.",
            labels: ["role": role.rawValue]
        ).increment()
    }
}
