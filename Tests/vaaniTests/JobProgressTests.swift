import JSON
import Testing

@testable import vaani

@Suite struct JobProgressTests {
    private func event(_ status: String, _ id: String, attempt: Int = 1, error: String? = nil) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "persona_progress", "status": .string(status), "persona_id": .string(id),
            "attempt": .integer(attempt),
        ]
        members["error"] = error.map { .string($0) }
        return .object(members)
    }

    @Test func `a bar fills with what is over, and says what has failed`() {
        var progress = JobProgress(total: 3)
        #expect(progress.bar == "[..............................] 0 of 3")
        #expect(progress.take(["type": "status_update", "status": "processing"]) == nil)
        #expect(progress.take(self.event("processing", "a")) == nil)
        #expect(progress.take(self.event("processing", "a", attempt: 2)) == "attempt 2 at a")
        #expect(progress.take(self.event("completed", "a")) == "completed a")
        #expect(progress.bar == "[##########....................] 1 of 3")
        #expect(progress.take(self.event("failed", "b", error: "LLM timeout")) == "failed b: LLM timeout")
        #expect(progress.bar == "[####################..........] 2 of 3, 1 failed")
        #expect(progress.take(["type": "results", "results": ["total_personas": 3]]) == "1 completed, 1 failed")
        #expect(progress.results?["total_personas"] == 3 && !progress.isGood)
    }

    @Test func `a job whose size nobody knows, and events that are none`() {
        var progress = JobProgress(total: 0)
        #expect(progress.bar.hasSuffix("0 of 0"))
        #expect(progress.take(.null) == nil && progress.take(["type": 7]) == nil)
        _ = progress.take(self.event("completed", "a"))
        #expect(progress.bar.hasSuffix("1 of 1"))
    }
}
