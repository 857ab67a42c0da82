import Foundation
import Observability
import Studio
import Synchronization

/// What waits at the provider, and what comes of asking it.
final class SyncMetrics: Sendable {
    private let registry: MetricsRegistry
    private let figures = Mutex(ProviderFigures())
    private let reachable: Gauge

    init(_ registry: MetricsRegistry, now: @escaping @Sendable () -> Date) {
        self.registry = registry
        self.reachable = registry.gauge(
            "vaani_provider_reachable", "1 while the provider is asked, 0 while it is left alone because it fails.")
        self.reachable.set(1)
        for (state, path) in Self.states {
            registry.computed(
                "vaani_provider_personas", "Personas that something is to be done for at the provider, or that failed.",
                labels: ["state": state]
            ) { [weak self] in Double(self?.figures.withLock { $0[keyPath: path] } ?? 0) }
        }
        registry.computed(
            "vaani_provider_oldest_seconds", "Since when the oldest of those that are queued or processing is so."
        ) { [weak self] in
            let oldest = self?.figures.withLock { $0.oldest }
            return oldest.map { max(0, now().timeIntervalSince($0)) } ?? 0
        }
    }

    private static let states: [(String, any KeyPath<ProviderFigures, Int> & Sendable)] = [
        ("queued", \.queued), ("processing", \.processing), ("failed", \.failed), ("changes", \.changes),
    ]

    func show(_ figures: ProviderFigures) { self.figures.withLock { $0 = figures } }

    func show(isReachable: Bool) { self.reachable.set(isReachable ? 1 : 0) }

    func asked(_ step: SyncMachine.Step, _ event: SyncMachine.Event) {
        self.registry.counter(
            "vaani_provider_steps_total", "What was asked of the provider for a persona, and what came of it.",
            labels: ["step": step.name, "outcome": event.outcome]
        ).increment()
    }
}

extension SyncMachine.Step {
    var name: String {
        switch self {
        case .find: "find"
        case .create: "create"
        case .update: "update"
        case .look: "look"
        case .delete: "delete"
        }
    }
}

extension SyncMachine.Event {
    var outcome: String {
        guard case .failed(let error) = self else { return self == .interrupted ? "interrupted" : "done" }
        return switch error.disposition {
        case .retry, .retryLater: error.isUnsent ? "unreachable" : "later"
        case .never: "refused"
        case .unknownOutcome: "unknown"
        }
    }
}
