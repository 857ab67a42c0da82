import ClientProtocol
import RealtimeProtocol
import Testing

@testable import Sessions

/// An answer that began and does not go on: no more of it, and no end.
@Suite struct StallTests {
    private static let limitMs = 8_000

    private func asked(output: String = "audio") async -> Call {
        let call = await Call.ready()
        if output == "text" { await call.says(#"{"type":"state","output":"text"}"#) }
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(.responseCreated(id: "r", metadata: [:]))
        return call
    }

    private func errors(_ call: Call) -> [String] {
        call.downstream.state.withLock { $0.messages }.filter { $0["type"] == "error" }.compactMap {
            $0["code"]?.string
        }
    }

    /// Nothing more comes: told when the limit has passed since the last of it, not before and not later.
    private func expectStall(_ call: Call) async {
        await call.advance(ms: Self.limitMs - 1)
        #expect(self.errors(call).isEmpty, "it is told too soon")
        await call.advance(ms: 1)
        #expect(self.errors(call) == ["upstream_timeout"])
        #expect(call.model.open.isEmpty)
    }

    @Test func `a text answer that stops after its first words is told in time`() async {
        let call = await self.asked(output: "text")
        await call.advance(ms: 3_000)
        await call.modelSays(.textDelta(.reply("r"), text: "I would "))
        await self.expectStall(call)
    }

    @Test func `a text answer that goes on slowly is not given up`() async {
        let call = await self.asked(output: "text")
        for _ in 0..<5 {
            await call.advance(ms: Self.limitMs - 500)
            await call.modelSays(.textDelta(.reply("r"), text: "word "))
        }
        await call.advance(ms: 2_000)
        await call.modelSays(
            .textDone(.reply("r"), text: "word word word word word"),
            .responseDone(ResponseSummary(id: "r", status: .completed)))
        await call.advance(ms: 60_000)
        #expect(self.errors(call).isEmpty && call.model.open.count == 1)
    }

    @Test(arguments: [0, 1_000, 6_000]) func `a spoken answer that stops is told in time, whenever it stops`(
        pause: Int
    ) async {
        let call = await self.asked()
        await call.modelSays(.audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 4_800)))
        await call.advance(ms: pause)
        await call.modelSays(.audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 4_800)))
        await self.expectStall(call)
    }

    @Test func `an answer whose words are there and whose end never comes is told`() async {
        let call = await self.asked(output: "text")
        await call.modelSays(.textDelta(.reply("r"), text: "All."), .textDone(.reply("r"), text: "All."))
        await self.expectStall(call)
    }

    @Test func `a model that begins an answer by itself and says nothing is told, too`() async {
        let call = await Call.ready()
        await call.modelSays(.responseCreated(id: "own", metadata: [:]))
        await self.expectStall(call)
    }

    @Test func `after it the next turn is answered on another line`() async {
        let call = await self.asked(output: "text")
        await call.modelSays(.textDelta(.reply("r"), text: "I would "))
        await self.expectStall(call)
        await call.says(#"{"type":"text","text":"Are you there?"}"#)
        await call.modelSays(
            .sessionCreated(SessionSummary(id: "n")), .sessionUpdated(SessionSummary(id: "n")), line: 1)
        guard case .createResponse? = call.model.lines[1].sent.last else {
            Issue.record("the turn is not asked")
            return
        }
    }
}
