import Observability
import Testing

@Suite struct MetricsTests {
    @Test func `the same name and labels give the same counter`() {
        let registry = MetricsRegistry()
        registry.counter("vaani_closes_total", "Closed.", labels: ["code": "1000"]).increment()
        registry.counter("vaani_closes_total", "Closed.", labels: ["code": "1000"]).increment(by: 2)
        registry.counter("vaani_closes_total", "Closed.", labels: ["code": "1011"]).increment()
        #expect(
            registry.prometheusText() == """
                # HELP vaani_closes_total Closed.
                # TYPE vaani_closes_total counter
                vaani_closes_total{code="1000"} 3
                vaani_closes_total{code="1011"} 1

                """)
    }

    @Test func `histogram buckets are cumulative`() {
        let registry = MetricsRegistry()
        let histogram = registry.histogram("vaani_first_audio_seconds", "First audio.", bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        #expect(
            registry.prometheusText() == """
                # HELP vaani_first_audio_seconds First audio.
                # TYPE vaani_first_audio_seconds histogram
                vaani_first_audio_seconds_bucket{le="0.1"} 2
                vaani_first_audio_seconds_bucket{le="1.0"} 3
                vaani_first_audio_seconds_bucket{le="+Inf"} 4
                vaani_first_audio_seconds_sum 7.65
                vaani_first_audio_seconds_count 4

                """)
    }
}
