import Foundation
import JSON
import RealtimeProtocol
import Testing

@testable import Engine

@Suite struct RecordingTests {
    /// Records one conversation with speech, an interruption, a typed turn and faults; the file's path and text.
    private func record(
        keepsAudio: Bool = false, maxBytes: Int = 64 << 20, format: String = "audio/pcm",
        detector: SpeechDetectorKind = .combined, _ check: (String, [UInt8]) throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vaani-recording-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = EngineConfiguration.fast
        configuration.recording = RecordingSettings(folder: folder.path)
        configuration.recording?.keepsAudio = keepsAudio
        configuration.recording?.maxBytes = maxBytes
        configuration.detector = detector
        try await EngineHarness.run(configuration) { try await self.talk(try await $0.connectRaw(), format) }
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
        let path = folder.appending(path: name)
        try check(path.path, Array(try Data(contentsOf: path)))
    }

    private func talk(_ caller: RawCaller, _ format: String) async throws {
        func until(_ type: String) async {
            while let next = await caller.nextType(), next != type {}
        }
        await until("session.created")
        caller.send(
            #"{"type":"session.update","session":{"type":"realtime","instructions":"Be brief.","audio":{"output":{"format":{"type":"\#(format)"}},"input":{"turn_detection":{"type":"server_vad"},"transcription":{"model":"whisper-1"}}},"tools":[{"type":"mcp","server_label":"x","authorization":"sk-secret"}]}}"#
        )
        caller.send("{")
        caller.send(binary: [1, 2, 3])
        caller.send(#"{"type":"response.cancel","event_id":"mine"}"#)
        let speech = Sound.silence(300) + Sound.tone(900) + Sound.silence(700)
        let audio = speech.withUnsafeBytes { String(decoding: Base64.encode($0), as: UTF8.self) }
        caller.send("{\"type\":\"input_audio_buffer.append\",\"audio\":\"\(audio)\"}")
        await until("response.done")
        caller.send(
            #"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}}"#
        )
        caller.send(#"{"type":"response.create","response":{"output_modalities":["text"]}}"#)
        await until("response.done")
        caller.send(#"{"type":"conversation.item.retrieve","item_id":"nothing"}"#)
        await until("error")
    }

    @Test(arguments: [false, true]) func `a recording is replayed to the same events`(keepsAudio: Bool) async throws {
        try await self.record(keepsAudio: keepsAudio) { _, text in
            let outcome = try RecordingReplay(parsing: text).run()
            #expect(outcome.difference == nil)
            #expect(outcome.events > 30)
            #expect(String(decoding: text, as: UTF8.self).contains("speech_started"))
        }
    }

    @Test func `without audio none is in it, and never a credential`() async throws {
        try await self.record { path, text in
            let whole = String(decoding: text, as: UTF8.self)
            #expect(!whole.contains("sk-secret"))
            #expect(whole.contains(#""audio_bytes":91200"#))
            #expect(whole.split(separator: "\n").allSatisfy { $0.utf8.count < 8_000 })
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `with audio it is there`() async throws {
        try await self.record(keepsAudio: true) { _, text in #expect(text.count > 120_000) }
    }

    @Test(arguments: ["audio/pcm", "audio/pcmu", "audio/pcma"], SpeechDetectorKind.allCases)
    func `with audio every byte of it is the same again`(format: String, detector: SpeechDetectorKind) async throws {
        try await self.record(keepsAudio: true, format: format, detector: detector) { _, text in
            let whole = String(decoding: text, as: UTF8.self)
            #expect(whole.contains(#""vad":"\#(detector.rawValue)""#))
            #expect(whole.contains(#""delta":"#) && !whole.contains(#""audio_bytes""#))
            let outcome = try RecordingReplay(parsing: text).run()
            #expect(outcome.difference == nil)
            #expect(outcome.events > 30)
        }
    }

    @Test func `another byte of what was said is a difference, and so is another sound of what was heard`() async throws
    {
        try await self.record(keepsAudio: true) { _, text in
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            let delta = try #require(lines.lastIndex { $0.contains(#""out":"#) && $0.contains(#""delta":"#) })
            let heard = try #require(lines.firstIndex { $0.contains("input_audio_buffer.append") })
            let difference = try self.replay(lines, at: delta) {
                $0.replacing(#""delta":""#, with: #""delta":"AAAA"#, maxReplacements: 1)
            }
            #expect(difference?.line == delta + 1)
            let silence = String(repeating: "A", count: 4_000)
            let other = try self.replay(lines, at: heard) {
                $0.replacing(#""audio":""#, with: #""audio":"\#(silence)"#, maxReplacements: 1)
            }
            #expect(other?.line == heard + 2)
            #expect(other?.recorded?.contains("judged") == true)
        }
    }

    private func replay(
        _ lines: [String], at index: Int, _ change: (String) -> String
    ) throws -> RecordingReplay.Difference? {
        var lines = lines
        lines[index] = change(lines[index])
        return try RecordingReplay(parsing: Array(lines.joined(separator: "\n").utf8)).run().difference
    }

    @Test func `a file that is full ends there, and what is in it can be replayed`() async throws {
        try await self.record(maxBytes: 4_000) { _, text in
            #expect(text.count < 4_200)
            #expect(String(decoding: text.suffix(30), as: UTF8.self).contains("full"))
            let outcome = try RecordingReplay(parsing: text).run()
            #expect(outcome.difference == nil)
        }
    }

    @Test func `the first difference is told with its line`() async throws {
        try await self.record { _, text in
            var lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            let index = try #require(lines.firstIndex { $0.contains("speech_stopped") })
            lines[index] = lines[index].replacing(
                "input_audio_buffer.speech_stopped", with: "input_audio_buffer.cleared")
            let outcome = try RecordingReplay(parsing: Array(lines.joined(separator: "\n").utf8)).run()
            #expect(outcome.difference != nil)
            lines.removeLast()
            lines[1] = lines[1].replacing("session.created", with: "session.creation")
            let second = try RecordingReplay(parsing: Array(lines.joined(separator: "\n").utf8)).run()
            #expect(second.difference?.line == 2)
            #expect(second.difference?.replayed?.contains("session.created") == true)
        }
    }

    @Test(arguments: [
        "", "{}", "[]", "nonsense", #"{"opened":{"salt":"a"}}"# + "\n{}", #"{"in":{}}"#,
        #"{"opened":{"version":1,"salt":"a","model":"m","expires_at":1}}"#, #"{"judged":"0123"}"#,
        #"{"opened":{"version":2,"salt":"a"}}"# + "\n" + #"{"judged":"0123"}"#,
        #"{"opened":{"version":2,"salt":"a"}}"# + "\n"
            + #"{"made":{"response_id":"r","samples":3,"audio":"AAAA"}}"#,
    ])
    func `what is no recording is refused`(text: String) {
        let replay = try? RecordingReplay(parsing: Array(text.utf8))
        #expect(replay == nil)
    }

    @Test(arguments: [
        #"{"in":{"type":"input_audio_buffer.append","audio_bytes":-5}}"#,
        #"{"in":{"type":"input_audio_buffer.append","audio_bytes":9000000000000}}"#,
        #"{"made":{"response_id":"r","samples":5}}"#, #"{"speech_ended":"x"}"#, #"{"in":[]}"#, #"{"expired":-1}"#,
        #"{"judged":""}"#, #"{"judged":"222222222222222222222222"}"#,
        #"{"made":{"response_id":"r","samples":3,"audio":"AAAAAAAA"}}"#,
    ]) func `a recording of nonsense brings nothing down`(line: String) throws {
        let opened = #"{"opened":{"version":2,"salt":"abc","model":"m","expires_at":1}}"#
        _ = try RecordingReplay(parsing: Array("\(opened)\n\(line)\n".utf8)).run()
    }
}
