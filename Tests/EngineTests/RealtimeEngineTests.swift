import Foundation
import JSON
import Observability
import RealtimeProtocol
import Synchronization
import Testing
import Transport
import Upstream

@testable import Engine

/// The engine on loopback, spoken to by the client that sessions use.
@Suite struct RealtimeEngineTests {
    private let persona = """
        ## Identity
        Name: Tina
        Language: en
        ## Questions that move the conversation forward
        - Where were you born?
        """

    @Test func `a whole conversation: greeting, speech, barge-in, truncation, text`() async throws {
        try await EngineHarness.run { harness in
            let caller = try await harness.call()
            guard case .event(.sessionCreated(let session))? = await caller.next() else {
                Issue.record("session.created is not the first event")
                return
            }
            #expect(session.voice == "marin")
            caller.send(
                .sessionUpdate(
                    SessionUpdate(
                        instructions: self.persona, voice: "coral", turnDetection: .serverVAD(),
                        transcription: .on(model: "whisper-1", language: "en", prompt: nil))))
            guard case .event(.sessionUpdated(let updated))? = await caller.next() else {
                Issue.record("no session.updated")
                return
            }
            #expect(updated.voice == "coral")

            caller.send(.createItem(.forceMessage(id: nil, "Welcome to Vaani.")))
            let greeting = await caller.untilResponseDone()
            #expect(greeting.transcript == "Welcome to Vaani.")
            #expect(greeting.audioBytes == 2 * (6 * 3_600 + 3 * 1_440))

            caller.send(.appendInputAudio((Sound.silence(300) + Sound.tone(900)).bytes))
            caller.send(.appendInputAudio(Sound.silence(600).bytes))
            let answer = await caller.untilResponseDone()
            #expect(answer.contains(.inputTranscriptDone(itemID: answer.spokenItem, text: "(speech, 1.7 s)")))
            #expect(answer.transcript.contains("1.7 seconds"))
            #expect(answer.transcript.hasSuffix("Where were you born?"))

            caller.send(.createItem(.userText(id: "typed", "Tell me of Pune")))
            caller.send(.createResponse(ResponseRequest(outputModalities: ["text"], metadata: ["kind": "typed"])))
            let typed = await caller.untilResponseDone()
            #expect(typed.transcript.contains("“Tell me of Pune”"))
            guard case .responseDone(let summary)? = typed.last else { return }
            #expect(summary.metadata == ["kind": "typed"])
            caller.hangUp()
        }
    }

    @Test func `a cancelled response stops at once, and its item can be cut`() async throws {
        var configuration = EngineConfiguration()
        configuration.pace = 1
        try await EngineHarness.run(configuration) { harness in
            let caller = try await harness.call()
            _ = await caller.next()
            caller.send(
                .createItem(.forceMessage(id: "long", Array(repeating: "word", count: 200).joined(separator: " "))))
            let begun = await caller.events { if case .audioDelta = $0 { true } else { false } }
            #expect(begun.audioBytes == 4_800)
            caller.send(.cancelResponse(responseID: nil))
            caller.send(.truncateItem(itemID: "long", contentIndex: 0, audioEndMs: 40))
            caller.send(.clearInputAudio)
            let rest = await caller.events { $0 == .inputAudioCleared }
            let end = try #require(rest.firstIndex { if case .responseDone = $0 { true } else { false } })
            #expect(rest[..<end].audioBytes <= 4_800)
            #expect(rest[end...].audioBytes == 0)
            #expect(rest.contains(.itemTruncated(itemID: "long", audioEndMs: 40)))
        }
    }

    @Test(arguments: ["audio/pcmu", "audio/pcma"])
    func `telephony hears and speaks at 8 kHz`(format: String) async throws {
        try await EngineHarness.run { harness in
            let caller = try await harness.connectRaw()
            #expect(await caller.nextType() == "session.created")
            caller.send(
                #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"\#(format)"}},"output":{"format":{"type":"\#(format)"}}}}}"#
            )
            #expect(await caller.nextType() == "session.updated")
            let silence = Base64.encode([UInt8](repeating: format == "audio/pcmu" ? 0xFF : 0xD5, count: 4_000))
            caller.send(#"{"type":"input_audio_buffer.append","audio":"\#(String(decoding: silence, as: UTF8.self))"}"#)
            caller.send(
                #"{"type":"conversation.item.create","item":{"type":"force_message","content":[{"type":"output_text","text":"yes"}]}}"#
            )
            var bytes = 0
            while case .text(let event)? = await caller.next(), event["type"] != "response.done" {
                bytes += (event["delta"]?.string).flatMap { Base64.decode($0) }?.count ?? 0
            }
            // One syllable and its pause, whole, and what the silence adds that pushes the end out.
            #expect((1_680...2_000).contains(bytes))
        }
    }

    @Test func `a synthesizer that fails ends the response and not the session`() async throws {
        try await EngineHarness.run(synthesizer: BrokenSynthesizer()) { harness in
            let caller = try await harness.call()
            _ = await caller.next()
            caller.send(.createResponse(ResponseRequest()))
            guard case .responseDone(let summary)? = await caller.untilResponseDone().last else { return }
            #expect(summary.status == .failed)
            #expect(summary.error?.code == "speech_synthesis_failed")
            caller.send(.clearInputAudio)
            #expect(await caller.next() == .event(.inputAudioCleared))
        }
    }

    @Test func `a synthesis ends with the call that asked for it`() async throws {
        let synthesizer = HangingSynthesizer()
        try await EngineHarness.run(synthesizer: synthesizer) { harness in
            let caller = try await harness.call()
            _ = await caller.next()
            caller.send(.createResponse(ResponseRequest()))
            _ = await caller.events { if case .audioDelta = $0 { true } else { false } }
            caller.hangUp()
            await synthesizer.ended()
        }
    }

    @Test func `a client that does not read gets no more audio than the backlog allows`() async throws {
        let synthesizer = EndlessSynthesizer()
        try await EngineHarness.run(synthesizer: synthesizer) { harness in
            let caller = try await harness.connectRaw()
            #expect(await caller.nextType() == "session.created")
            caller.pauseReading()
            caller.send(#"{"type":"response.create"}"#)
            await synthesizer.stalled(try await harness.call())
            // The kernel's buffers take some; the engine's queue, the run's two seconds and the rest are bounded.
            #expect(synthesizer.madeSeconds < 90)
        }
    }

    @Test(arguments: [
        "", "{", "null", #"{"type":"nope"}"#, #"{"type":"input_audio_buffer.append","audio":"@"}"#,
        #"{"type":"input_audio_buffer.append","audio":5,"event_id":[]}"#,
        String(repeating: "[", count: 100_000),
        "{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"speed\":1e999}}",
        "{\"type\":\"conversation.item.create\",\"item\":\"" + String(repeating: "x", count: 2 << 20) + "\"}",
    ])
    func `nonsense earns an error and keeps the connection`(text: String) async throws {
        try await EngineHarness.run { harness in
            let caller = try await harness.connectRaw()
            #expect(await caller.nextType() == "session.created")
            caller.send(text)
            #expect(await caller.nextType() == "error")
            caller.send(#"{"type":"input_audio_buffer.clear"}"#)
            #expect(await caller.nextType() == "input_audio_buffer.cleared")
        }
    }

    @Test func `a binary frame earns an error`() async throws {
        try await EngineHarness.run { harness in
            let caller = try await harness.connectRaw()
            #expect(await caller.nextType() == "session.created")
            caller.send(binary: [1, 2, 3])
            #expect(await caller.nextType() == "error")
        }
    }

    @Test func `every event has an id of its own`() async throws {
        try await EngineHarness.run { harness in
            let caller = try await harness.connectRaw()
            #expect(await caller.nextType() == "session.created")
            caller.send(#"{"type":"response.create"}"#)
            var ids: [String] = []
            while case .text(let event)? = await caller.next() {
                ids.append(event["event_id"]?.string ?? "")
                if event["type"] == "response.done" { break }
            }
            #expect(Set(ids).count == ids.count)
            #expect(ids.allSatisfy { $0.hasPrefix("event_") && $0.count <= 32 })
        }
    }

    @Test func `a session ends at its longest`() async throws {
        var configuration = EngineConfiguration.fast
        configuration.maxSessionSeconds = 0
        try await EngineHarness.run(configuration) { harness in
            let caller = try await harness.connectRaw()
            #expect(await caller.nextType() == "session.created")
            #expect(await caller.nextType() == "error")
            guard case .closed(let close)? = await caller.next() else { return }
            #expect(close.code == 1001)
        }
    }

    // MARK: The door

    @Test func `a wrong key is refused before the upgrade`() async throws {
        var configuration = EngineConfiguration.fast
        configuration.key = "sk-right"
        try await EngineHarness.run(configuration) { harness in
            let wrong = try await harness.call(key: Secret("sk-wrong"))
            guard case .failed(let failure)? = await wrong.next() else {
                Issue.record("a wrong key is let in")
                return
            }
            #expect(failure.failureClass == .authentication)
            let right = try await harness.call(key: Secret("sk-right"))
            guard case .event(.sessionCreated)? = await right.next() else {
                Issue.record("the right key is refused")
                return
            }
        }
    }

    @Test func `more sessions than there are seats are refused, and a seat is given back`() async throws {
        var configuration = EngineConfiguration.fast
        configuration.maxSessions = 1
        try await EngineHarness.run(configuration) { harness in
            let first = try await harness.call()
            _ = await first.next()
            guard case .failed(let failure)? = await (try harness.call()).next() else {
                Issue.record("a session too many is let in")
                return
            }
            #expect(failure.status == 503)
        }
        let seats = Seats(limit: 1)
        var seat = seats.take()
        #expect(seats.take() == nil)
        #expect(seat != nil)
        seat = nil
        #expect(seats.take() != nil)
    }

    @Test func `addresses and methods have their answers`() async throws {
        let engine = RealtimeEngine(
            configuration: .fast, synthesizer: ToneSynthesizer(), log: .disabled, metrics: MetricsRegistry())
        func status(_ method: String, _ path: String) async -> Int {
            await engine.respond(to: HTTPRequest(head: HTTPRequestHead(method: method, path: path))).status
        }
        #expect(await status("GET", "/v1/realtime") == 426)
        #expect(await status("POST", "/v1/realtime") == 405)
        #expect(await status("GET", "/v1/models") == 404)
        #expect(await status("GET", "/v1/realtime/client_secrets") == 405)
    }

    @Test func `a client secret opens a session that begins as it says`() async throws {
        var configuration = EngineConfiguration.fast
        configuration.key = "sk-right"
        try await EngineHarness.run(configuration) { harness in
            func make(_ body: String, key: String = "sk-right") async -> (status: Int, json: JSONValue) {
                let head = HTTPRequestHead(
                    method: "POST", path: "/v1/realtime/client_secrets", headers: ["authorization": "Bearer \(key)"])
                let response = await harness.engine.respond(to: HTTPRequest(head: head, body: Array(body.utf8)))
                guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
                return (response.status, (try? JSONValue(parsing: bytes)) ?? .null)
            }
            let made = await make(#"{"session":{"type":"realtime","audio":{"output":{"voice":"sage"}}}}"#)
            let secret = try #require(made.json["value"]?.string)
            #expect(secret.hasPrefix("ek_"))
            #expect(made.json["session"]?["audio"]?["output"]?["voice"] == "sage")
            let caller = try await harness.call(key: Secret(secret))
            guard case .event(.sessionCreated(let session))? = await caller.next() else {
                Issue.record("the secret is refused")
                return
            }
            #expect(session.voice == "sage")
            #expect(await make("{}", key: secret).status == 401)
            #expect(await make("{").status == 400)
            #expect(await make(#"{"expires_after":{"seconds":5}}"#).json["error"]?["code"] == "integer_below_min_value")
        }
    }

    @Test func `client secrets expire and are bounded`() {
        let secrets = ClientSecrets(limit: 1)
        let grant = ClientSecrets.Grant(settings: SessionSettings(), expiresAt: 10)
        let first = secrets.make(grant, now: 0)
        #expect(first.flatMap { secrets.grant(of: $0, now: 9) } == grant)
        #expect(secrets.make(grant, now: 9) == nil)
        #expect(secrets.make(grant, now: 10) != nil)
        #expect(first.flatMap { secrets.grant(of: $0, now: 10) } == nil)
    }
}

extension Sequence<RealtimeServerEvent> {
    var audioBytes: Int {
        self.reduce(0) { if case .audioDelta(_, let audio) = $1 { $0 + audio.count } else { $0 } }
    }

    fileprivate var transcript: String {
        self.compactMap {
            switch $0 {
            case .transcriptDone(_, let text), .textDone(_, let text): text
            default: nil
            }
        }.joined()
    }

    fileprivate var spokenItem: String {
        for case .speechStarted(let itemID, _) in self { return itemID }
        return ""
    }
}

extension [Int16] {
    fileprivate var bytes: [UInt8] { self.withUnsafeBytes { [UInt8]($0) } }
}

/// Makes one piece, then gives up.
private struct BrokenSynthesizer: SpeechSynthesizer {
    struct Broken: Error {}

    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<[Int16], any Error> {
        AsyncThrowingStream<[Int16], any Error> {
            $0.yield([1, 2, 3])
            $0.finish(throwing: Broken())
        }
    }
}

/// Speaks for ever, as fast as it is listened to.
private final class EndlessSynthesizer: SpeechSynthesizer {
    private let made = Mutex(0)

    var madeSeconds: Int { self.made.withLock { $0 } / 24_000 }

    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<[Int16], any Error> {
        AsyncThrowingStream(unfolding: {
            self.made.withLock { $0 += 2_400 }
            return [Int16](repeating: 0, count: 2_400)
        })
    }

    /// Returns when nothing was made while somebody else on the same loop was served a thousand times.
    func stalled(_ witness: Caller) async {
        _ = await witness.next()
        var before = -1
        while before != self.made.withLock({ $0 }) {
            before = self.made.withLock { $0 }
            for _ in 0..<1_000 {
                witness.send(.clearInputAudio)
                _ = await witness.next()
            }
        }
    }
}

/// Makes one piece and then no more, until nobody listens.
private final class HangingSynthesizer: SpeechSynthesizer {
    private let end = AsyncStream<Void>.makeStream()

    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<[Int16], any Error> {
        AsyncThrowingStream<[Int16], any Error> { feed in
            feed.onTermination = { [end] _ in end.continuation.finish() }
            feed.yield(Array(repeating: 0, count: 2_400))
        }
    }

    func ended() async {
        for await _ in self.end.stream {}
    }
}
