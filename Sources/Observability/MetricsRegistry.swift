import Synchronization

/// All figures of the process, in the order of their names, as Prometheus text.
///
/// Names are in base units and plain words (`vaani_sessions_active`, `vaani_first_audio_seconds`,
/// `vaani_send_dropped_total{side}`). A label has few values, known when the code is written; an id is never one.
public final class MetricsRegistry: Sendable {
    private enum Instrument {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case computed(@Sendable () -> Double)
    }

    private struct Family {
        let help: String
        let type: String
        var instruments: [(labels: String, instrument: Instrument)] = []
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// The counter of that name and those labels; the same one for the same arguments.
    public func counter(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        self.instrument(name, help, type: "counter", labels) {
            .counter(Counter())
        } match: {
            if case .counter(let counter) = $0 { counter } else { nil }
        }
    }

    public func gauge(_ name: String, _ help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        self.instrument(name, help, type: "gauge", labels) {
            .gauge(Gauge())
        } match: {
            if case .gauge(let gauge) = $0 { gauge } else { nil }
        }
    }

    public func histogram(
        _ name: String, _ help: String, bounds: [Double] = Histogram.latencySeconds,
        labels: KeyValuePairs<String, String> = [:]
    ) -> Histogram {
        self.instrument(name, help, type: "histogram", labels) {
            .histogram(Histogram(bounds: bounds))
        } match: {
            if case .histogram(let histogram) = $0 { histogram } else { nil }
        }
    }

    /// A gauge, or another type without buckets, that is read when the figures are asked for.
    public func computed(
        _ name: String, _ help: String, type: String = "gauge", labels: KeyValuePairs<String, String> = [:],
        _ read: @escaping @Sendable () -> Double
    ) {
        self.families.withLock {
            $0[name, default: Family(help: help, type: type)].instruments
                .append((Self.render(labels), .computed(read)))
        }
    }

    private func instrument<Found>(
        _ name: String, _ help: String, type: String, _ labels: KeyValuePairs<String, String>,
        make: () -> Instrument, match: (Instrument) -> Found?
    ) -> Found {
        let labels = Self.render(labels)
        let instrument = self.families.withLock { families in
            var family = families[name] ?? Family(help: help, type: type)
            if let known = family.instruments.first(where: { $0.labels == labels }) { return known.instrument }
            let made = make()
            family.instruments.append((labels, made))
            families[name] = family
            return made
        }
        guard let found = match(instrument) else { preconditionFailure("\(name) is registered as another type") }
        return found
    }

    private static func render(_ labels: KeyValuePairs<String, String>) -> String {
        labels.map { key, value in
            let escaped = value.map { $0 == "\\" || $0 == "\"" ? "\\\($0)" : $0 == "\n" ? "\\n" : String($0) }.joined()
            return "\(key)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    /// Prometheus text exposition format 0.0.4.
    public func prometheusText() -> String {
        let families = self.families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.type)\n"
            for (labels, instrument) in family.instruments {
                let suffix = labels.isEmpty ? "" : "{\(labels)}"
                switch instrument {
                case .counter(let counter): text += "\(name)\(suffix) \(counter.value)\n"
                case .gauge(let gauge): text += "\(name)\(suffix) \(gauge.value)\n"
                case .computed(let read): text += "\(name)\(suffix) \(read())\n"
                case .histogram(let histogram): text += Self.render(histogram, name, labels)
                }
            }
        }
        return text
    }

    private static func render(_ histogram: Histogram, _ name: String, _ labels: String) -> String {
        let state = histogram.snapshot
        let prefix = labels.isEmpty ? "" : labels + ","
        let suffix = labels.isEmpty ? "" : "{\(labels)}"
        var text = ""
        var cumulative = 0
        for (bound, count) in zip(histogram.bounds.map { "\($0)" } + ["+Inf"], state.counts) {
            cumulative += count
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(cumulative)\n"
        }
        return text + "\(name)_sum\(suffix) \(state.sum)\n\(name)_count\(suffix) \(cumulative)\n"
    }
}
