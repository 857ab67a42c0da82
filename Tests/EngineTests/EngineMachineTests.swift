import JSON
import RealtimeProtocol
import Testing

@testable import Engine

/// Turns, barge-in and the input buffer.
@Suite struct EngineMachineTurnTests {
    private let vad = #"""
        "audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":500}}}
        """#

    @Test func `a session begins with its whole configuration`() {
        let actions = EngineMachine.fixture().opened()
        let session = actions.event("session.created")?["session"]
        #expect(actions.types == ["session.created"])
        #expect(session?["type"] == "realtime")
        #expect(session?["audio"]?["output"]?["voice"] == "marin")
        #expect(session?["audio"]?["input"]?["turn_detection"] == .null)
        #expect(session?["expires_at"] == 1_790_000_000)
    }

    @Test func `silence says nothing`() {
        var machine = EngineMachine.fixture(self.vad)
        #expect(machine.hear(Sound.silence(5_000)).isEmpty)
    }

    @Test func `speech makes an item and the engine answers it`() {
        var machine = EngineMachine.fixture(self.vad)
        #expect(
            machine.hear(Sound.silence(500) + Sound.tone(600))
                == [.send(.speechStarted("item_1", atMs: 200))])
        let actions = machine.hear(Sound.silence(600))
        #expect(
            actions.types == [
                "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added",
                "conversation.item.done", "response.created", "rate_limits.updated", "response.output_item.added",
                "conversation.item.added", "response.content_part.added", "speak",
            ])
        #expect(actions.first == .send(.speechStopped("item_1", atMs: 1_600)))
        #expect(actions[1] == .send(.committed("item_1", previous: nil)))
        #expect(actions.spoken?.text.contains("1.4 seconds") == true)
    }

    @Test func `who asks for a transcript is told that words are not recognised`() {
        var machine = EngineMachine.fixture(
            #""audio":{"input":{"turn_detection":{"type":"server_vad","create_response":false},"transcription":{"model":"whisper-1"}}}"#
        )
        let actions = machine.hear(Sound.tone(600) + Sound.silence(700))
        #expect(actions.last == .send(.transcribed("item_1", "(speech, 1.1 s)", milliseconds: 1_100)))
        #expect(!actions.types.contains("response.created"))
    }

    @Test func `speech interrupts a reply at once`() {
        var machine = EngineMachine.fixture(self.vad)
        _ = machine.say(#"{"type":"response.create"}"#)
        _ = machine.audioMade("resp_1", samples: 2_400)
        let actions = machine.hear(Sound.tone(200))
        #expect(actions.types.first == "input_audio_buffer.speech_started")
        #expect(actions.last == .responseEnded(id: "resp_1", status: .cancelled(.turnDetected)))
        #expect(actions.event("response.done")?["response"]?["status_details"]?["reason"] == "turn_detected")
        #expect(machine.audioMade("resp_1", samples: 2_400).isEmpty)
    }

    @Test func `speech that may not interrupt is answered afterwards`() {
        var machine = EngineMachine.fixture(
            #""audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}"#)
        _ = machine.say(#"{"type":"response.create"}"#)
        #expect(!machine.hear(Sound.tone(600) + Sound.silence(700)).types.contains("response.created"))
        let actions = machine.finishSpeaking("resp_1", pieces: 1)
        #expect(actions.types.last == "speak")
        #expect(actions.spoken?.text.contains("1.1 seconds") == true)
    }

    @Test func `a user who stays silent is spoken to, once`() {
        var machine = EngineMachine.fixture(
            #""audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":5000}}}"#)
        #expect(machine.hear(Sound.silence(9_000)).isEmpty)
        _ = machine.say(#"{"type":"response.create"}"#)
        _ = machine.finishSpeaking("resp_1", pieces: 30)
        // Three seconds of reply came at once; they are heard when three seconds have passed.
        #expect(machine.hear(Sound.silence(7_900)).isEmpty)
        let actions = machine.hear(Sound.silence(100))
        #expect(actions.first == .send(.timeoutTriggered("item_3", fromMs: 12_000, toMs: 17_000)))
        #expect(actions.types.contains("input_audio_buffer.committed"))
        #expect(actions.spoken?.text.contains("seconds") == false)
        _ = machine.say(#"{"type":"response.cancel"}"#)
        #expect(machine.hear(Sound.tone(300)).types == ["input_audio_buffer.speech_started"])
    }

    @Test func `nothing and less than 100 ms cannot be committed`() {
        var machine = EngineMachine.fixture()
        let commit = #"{"type":"input_audio_buffer.commit","event_id":"mine"}"#
        #expect(machine.say(commit).event("error")?["error"]?["code"] == "input_audio_buffer_commit_empty")
        _ = machine.hear(Sound.silence(99))
        let error = machine.say(commit).event("error")?["error"]
        #expect(error?["event_id"] == "mine")
        #expect(error?["message"]?.string?.contains("only has 99.00ms") == true)
    }

    @Test func `a commit makes an item and no response`() {
        var machine = EngineMachine.fixture()
        _ = machine.hear(Sound.silence(100))
        let actions = machine.say(#"{"type":"input_audio_buffer.commit"}"#)
        #expect(
            actions.types == ["input_audio_buffer.committed", "conversation.item.added", "conversation.item.done"])
        #expect(machine.code(#"{"type":"input_audio_buffer.commit"}"#) == "input_audio_buffer_commit_empty")
    }

    @Test func `a cleared buffer is empty`() {
        var machine = EngineMachine.fixture()
        _ = machine.hear(Sound.silence(200))
        #expect(machine.say(#"{"type":"input_audio_buffer.clear"}"#).types == ["input_audio_buffer.cleared"])
        #expect(machine.code(#"{"type":"input_audio_buffer.commit"}"#) == "input_audio_buffer_commit_empty")
    }

    @Test func `retrieving an item brings the very audio back`() {
        var machine = EngineMachine.fixture()
        let sound = Sound.tone(150)
        _ = machine.hear(Sound.silence(100))
        _ = machine.say(#"{"type":"input_audio_buffer.clear"}"#)
        _ = machine.hear(sound)
        _ = machine.say(#"{"type":"input_audio_buffer.commit"}"#)
        let item = machine.say(#"{"type":"conversation.item.retrieve","item_id":"item_1"}"#)
            .event("conversation.item.retrieved")?["item"]
        let audio = item?["content"]?.array?.first?["audio"]?.string ?? ""
        #expect(Base64.decode(audio) == sound.withUnsafeBytes { Array($0) })
    }

    @Test func `a sample that is cut between two events is whole again`() {
        var machine = EngineMachine.fixture()
        let bytes = Sound.tone(100).withUnsafeBytes { Array($0) }
        _ = machine.audioAppended(Array(bytes[..<1_001]))
        _ = machine.audioAppended(Array(bytes[1_001...]))
        #expect(machine.input.positionMs == 100)
    }

    @Test func `turn detection can come and go in the middle of speech`() {
        var machine = EngineMachine.fixture(self.vad)
        #expect(machine.hear(Sound.tone(300)).types == ["input_audio_buffer.speech_started"])
        _ = machine.say(
            #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#)
        #expect(machine.hear(Sound.silence(2_000)).isEmpty)
        #expect(machine.say(#"{"type":"input_audio_buffer.commit"}"#).types.first == "input_audio_buffer.committed")
    }

    @Test func `a session that lasted too long says so and closes`() {
        let actions = EngineMachine.fixture().expired(afterMinutes: 60)
        #expect(actions.event("error")?["error"]?["code"] == "session_expired")
        #expect(actions.last == .close(code: 1001, reason: "Your session hit the maximum duration of 60 minutes."))
    }
}
