import ClientProtocol
import JSON
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

/// Somebody who interrupts 20 times a second, in front of a model that takes its time.
@Suite struct InterruptionStormTests {
    /// A model's bookkeeping: it starts what it is asked for, and ends what is cancelled a moment later.
    private struct Model {
        var active: String?
        var mostActive = 0
        var asked = 0
        private var heard = 0
        private var ending: (id: String, steps: Int)?

        /// Reads what it was sent since the last step, and answers.
        mutating func step(_ sent: [RealtimeClientEvent]) -> [RealtimeServerEvent] {
            var events: [RealtimeServerEvent] = []
            for event in sent.dropFirst(self.heard) {
                switch event {
                case .createResponse:
                    self.asked += 1
                    self.mostActive = max(self.mostActive, self.active == nil ? 1 : 2)
                    let id = "r\(self.asked)"
                    self.active = id
                    events += [
                        .responseCreated(id: id, metadata: [:]),
                        .audioDelta(.reply(id), audio: [UInt8](repeating: 1, count: 48_000)),
                    ]
                case .cancelResponse(let id): self.ending = id.map { ($0, 3) }
                default: break
                }
            }
            self.heard = sent.count
            guard let ending = self.ending else { return events }
            self.ending = ending.steps > 0 ? (ending.id, ending.steps - 1) : nil
            guard ending.steps == 0, self.active == ending.id else { return events }
            self.active = nil
            return events + [.responseDone(ResponseSummary(id: ending.id, status: .cancelled))]
        }
    }

    @Test(arguments: [[], ["pause"]])
    func `200 interruptions in 10 s leave one response alive at any time, and nothing behind`(
        features: [String]
    ) async {
        let call = Call()
        let list = features.map { "\"\($0)\"" }.joined(separator: ",")
        await call.says(#"{"type":"hello","v":"1.0","features":[\#(list)]}"#)
        await call.says(#"{"type":"config","persona_id":"quiet"}"#)
        await call.modelSays(.sessionCreated(SessionSummary(id: "m")), .sessionUpdated(SessionSummary(id: "m")))
        let line = call.model.lines[0]
        let voice = String(decoding: Base64.encode([UInt8](repeating: 0x30, count: 2_400)), as: UTF8.self)
        var model = Model()
        for step in 0..<200 {
            await call.executor.run { line.say(.speechStarted(itemID: "u\(step)", audioStartMs: 0)) }
            await call.says(#"{"type":"audio_chunk","audio":"\#(voice)"}"#)
            await call.executor.run { line.say(.inputAudioCommitted(itemID: "u\(step)", previousItemID: nil)) }
            let events = model.step(line.sent)
            await call.executor.run { for event in events { line.say(event) } }
            await call.advance(ms: 50)
        }
        #expect(model.mostActive == 1)
        #expect(model.asked > 20)
        await self.settle(call, &model)
        let session = call.session
        let left = await call.executor.run { session.assumeIsolated { $0.leftovers } }
        #expect(left == VoiceSession.Leftovers(turns: 0, recordings: 0, keptTurns: 0, connections: 1, hasFeed: false))
        #expect(call.model.lines.count == 1 && call.downstream.closed == nil)
        await self.expectNothingStale(call)
        await call.perform { $0.disconnected(code: 1000) }
        #expect(call.clock.pending == 0 && call.model.open.isEmpty)
    }

    /// The last turns are answered in peace.
    private func settle(_ call: Call, _ model: inout Model) async {
        let line = call.model.lines[0]
        for _ in 0..<20 {
            var events = model.step(line.sent)
            if let active = model.active {
                events.append(.responseDone(ResponseSummary(id: active, status: .completed)))
                model.active = nil
            }
            let said = events
            await call.executor.run { for event in said { line.say(event) } }
            await call.advance(ms: 1_000)
        }
    }

    /// After `clear` no audio of an older generation comes.
    private func expectNothingStale(_ call: Call) async {
        var generation = 0
        for message in call.downstream.state.withLock({ $0.messages }) {
            switch message["type"]?.string {
            case "clear": generation = message["generation"]?.integer ?? 0
            case "audio_start", "audio_delta": #expect(message["generation"]?.integer ?? 0 >= generation)
            default: break
            }
        }
        #expect(generation > 20)
    }
}

extension VoiceSession {
    struct Leftovers: Equatable, Sendable {
        let turns: Int
        let recordings: Int
        let keptTurns: Int
        let connections: Int
        let hasFeed: Bool
    }

    /// What a session holds on to.
    var leftovers: Leftovers {
        Leftovers(
            turns: self.machine.queue.count, recordings: self.recordings.count, keptTurns: self.speech.keptTurns,
            connections: self.connections.count, hasFeed: self.feed != nil)
    }
}
