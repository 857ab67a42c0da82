import ClientProtocol
import JSON
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct UsageTests {
    private let usage = TokenUsage([
        .textIn: 1_000, .cachedTextIn: 2_000, .audioIn: 3_000, .cachedAudioIn: 4_000, .textOut: 5_000, .audioOut: 6_000,
    ])
    private let prices = ModelPrices(perMillion: [
        .textIn: 4, .cachedTextIn: 0.4, .audioIn: 32, .cachedAudioIn: 0.4, .textOut: 16, .audioOut: 64,
    ])

    @Test func `a response costs its tokens times their prices`() {
        let expected = 0.004 + 0.000_8 + 0.096 + 0.001_6 + 0.08 + 0.384
        #expect(abs(self.prices.cost(of: self.usage) - expected) < 1e-12)
    }

    @Test func `cached tokens cost what others do, where no other price is told`() {
        let prices = ModelPrices(perMillion: [.textIn: 4, .audioIn: 32, .textOut: 16, .audioOut: 64])
        #expect(abs(prices.cost(of: TokenUsage([.cachedTextIn: 1_000_000, .cachedAudioIn: 1_000_000])) - 36) < 1e-9)
    }

    @Test func `a session costs the sum of its responses`() {
        var session = SessionUsage()
        #expect(session.cost == nil)
        for _ in 0..<3 { session.add(self.usage, at: self.prices) }
        #expect(abs((session.cost ?? 0) - 3 * self.prices.cost(of: self.usage)) < 1e-12)
        #expect(session.tokens[.audioOut] == 18_000)
    }

    @Test func `what is not known of one response is not known of the session`() {
        for isGapFirst in [true, false] {
            var session = SessionUsage()
            if isGapFirst { session.add(nil, at: self.prices) }
            session.add(self.usage, at: self.prices)
            if !isGapFirst { session.add(self.usage, at: nil) }
            #expect(session.cost == nil)
        }
    }

    @Test func `every response that ends is counted, cancelled and late ones too, and speech both ways`() async {
        let call = Call()
        await call.says(#"{"type":"hello","v":"1.0"}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        let audio = String(decoding: Base64.encode([UInt8](repeating: 1, count: 9_600)), as: UTF8.self)
        await call.says(#"{"type":"audio_chunk","audio":"\#(audio)"}"#)
        await call.says(#"{"type":"text","text":"Hello?"}"#)
        await call.modelSays(
            .responseCreated(id: "r", metadata: [:]),
            .audioDelta(.reply("r"), audio: [UInt8](repeating: 1, count: 4_800)))
        await call.says(#"{"type":"cancel"}"#)
        await call.modelSays(
            .responseDone(ResponseSummary(id: "r", status: .cancelled, usage: self.usage)),
            .responseDone(ResponseSummary(id: "late", status: .completed, usage: self.usage)))
        let session = call.session
        let used = await call.executor.run { session.assumeIsolated { $0.usage } }
        #expect(used.tokens[.audioOut] == 12_000)
        #expect(used.audioInMs == 200 && used.audioOutMs == 100)
        #expect(used.cost == nil)
    }
}
