import JSON
import RealtimeProtocol
import Testing

@testable import Engine

/// Responses: their events, their limits, their ends.
@Suite struct EngineMachineResponseTests {
    private static let create = #"{"type":"response.create"}"#

    @Test func `a spoken response tells everything in order`() {
        var machine = EngineMachine.fixture()
        let actions = machine.say(Self.create) + machine.finishSpeaking("resp_1", pieces: 2)
        #expect(
            actions.types == [
                "response.created", "rate_limits.updated", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "speak", "response.output_audio_transcript.delta", "audio", "audio",
                "response.output_audio_transcript.delta", "response.output_audio.done",
                "response.output_audio_transcript.done", "response.content_part.done", "conversation.item.done",
                "response.output_item.done", "response.done", "ended",
            ])
        let deltas = actions.events.filter { $0.type == "response.output_audio_transcript.delta" }
        let words = deltas.compactMap { $0.fields["delta"]?.string }.joined()
        #expect(actions.event("response.output_audio_transcript.done")?["transcript"] == .string(words))
        #expect(actions.spoken?.text == words)
        let response = actions.event("response.done")?["response"]
        #expect(response?["status"] == "completed")
        #expect(response?["conversation_id"] == "conv")
        let output = response?["output"]?.array?.first
        #expect(output?["status"] == "completed")
        #expect(output?["content"] == [["type": "output_audio", "transcript": .string(words)]])
    }

    @Test func `usage adds up`() {
        var machine = EngineMachine.fixture()
        _ = machine.hear(Sound.silence(1_000))
        _ = machine.say(#"{"type":"input_audio_buffer.commit"}"#)
        _ = machine.say(Self.create)
        let usage = machine.finishSpeaking("resp_2", pieces: 10).event("response.done")?["response"]?["usage"]
        #expect(usage?["input_token_details"]?["audio_tokens"] == 10)
        #expect(usage?["output_token_details"]?["audio_tokens"] == 20)
        let input = usage?["input_tokens"]?.integer ?? 0
        let output = usage?["output_tokens"]?.integer ?? 0
        #expect(usage?["total_tokens"] == .integer(input + output))
    }

    @Test func `a text response needs no voice`() {
        var machine = EngineMachine.fixture()
        let actions = machine.say(#"{"type":"response.create","response":{"output_modalities":["text"]}}"#)
        #expect(
            actions.types == [
                "response.created", "rate_limits.updated", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done",
                "ended",
            ])
        #expect(machine.spokenVoice == nil)
    }

    @Test func `what was asked to be said exactly is said exactly`() throws {
        var machine = EngineMachine.fixture()
        let line = "नमस्ते, मैं टीना हूँ। “Welcome”, she said: \"sit down\"!"
        let instructions = "Be warm. Say exactly the line below, once, adding nothing.\n\"\(line)\""
        let response: JSONValue = [
            "input": [], "instructions": .string(instructions), "metadata": ["kind": "greeting"],
        ]
        let actions = machine.say(JSONValue.object(["type": "response.create", "response": response]).text)
        #expect(actions.spoken == SpeechRequest(text: line, language: "hi", voice: "marin"))
        #expect(actions.event("response.created")?["response"]?["metadata"]?["kind"] == "greeting")
        let done = machine.finishSpeaking("resp_1", pieces: 1)
        #expect(done.event("response.output_audio_transcript.done")?["transcript"] == .string(line))
    }

    @Test func `a force_message is spoken word for word and stays in the conversation`() {
        var machine = EngineMachine.fixture()
        let actions = machine.say(
            #"{"type":"conversation.item.create","item":{"id":"hello","type":"force_message","role":"assistant","content":[{"type":"output_text","text":"Good day."}]}}"#
        )
        #expect(actions.types.first == "response.created")
        #expect(actions.spoken?.text == "Good day.")
        _ = machine.finishSpeaking("resp_1", pieces: 1)
        #expect(machine.conversation["hello"]?.content == [.outputAudio(transcript: "Good day.", milliseconds: 100)])
    }

    @Test func `a second response has to wait`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(Self.create)
        let error = machine.say(#"{"type":"response.create","event_id":"second"}"#).event("error")?["error"]
        #expect(error?["code"] == "conversation_already_has_active_response")
        #expect(error?["event_id"] == "second")
        #expect(error?["message"]?.string?.contains("resp_1") == true)
    }

    @Test func `a response outside the conversation may overlap and leaves no trace`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(Self.create)
        let before = machine.conversation
        let actions = machine.say(
            #"{"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"metadata":{"topic":"x"}}}"#
        )
        #expect(actions.types.contains("response.done"))
        #expect(!actions.types.contains("conversation.item.added"))
        #expect(actions.event("response.done")?["response"]?["conversation_id"] == .null)
        #expect(machine.conversation == before)
    }

    @Test func `no more than eight responses at once`() {
        var machine = EngineMachine.fixture()
        let aside = #"{"type":"response.create","response":{"conversation":"none"}}"#
        for _ in 0..<8 { #expect(machine.code(aside) == nil) }
        #expect(machine.code(aside) == "rate_limit_exceeded")
    }

    @Test func `a cancelled response keeps what was said`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(
            #"{"type":"conversation.item.create","item":{"type":"force_message","content":[{"type":"output_text","text":"One two three four five six seven eight nine ten eleven twelve."}]}}"#
        )
        _ = machine.audioMade("resp_1", samples: 2_400)
        let actions = machine.say(#"{"type":"response.cancel","response_id":"resp_1"}"#)
        let response = actions.event("response.done")?["response"]
        #expect(response?["status"] == "cancelled")
        #expect(response?["status_details"]?["reason"] == "client_cancelled")
        #expect(response?["output"]?.array?.first?["status"] == "incomplete")
        let said = actions.event("response.output_audio_transcript.done")?["transcript"]?.string ?? ""
        #expect(said.hasPrefix("One two"))
        #expect(!said.contains("twelve"))
        #expect(machine.code(#"{"type":"response.cancel"}"#) == "response_cancel_not_active")
        #expect(machine.code(Self.create) == nil)
    }

    @Test func `cancelling what does not run is told`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(Self.create)
        #expect(machine.code(#"{"type":"response.cancel","response_id":"resp_9"}"#) == "response_cancel_not_active")
        #expect(machine.activeResponse?.id == "resp_1")
    }

    @Test func `a response ends at its token limit`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(#"{"type":"response.create","response":{"max_output_tokens":4}}"#)
        #expect(machine.audioMade("resp_1", samples: 2_400).types.last == "audio")
        let actions = machine.audioMade("resp_1", samples: 2_400)
        let response = actions.event("response.done")?["response"]
        #expect(response?["status"] == "incomplete")
        #expect(response?["status_details"]?["reason"] == "max_output_tokens")
    }

    @Test func `a synthesizer that fails fails the response`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(Self.create)
        let response = machine.speechFailed("resp_1").event("response.done")?["response"]
        #expect(response?["status"] == "failed")
        #expect(response?["status_details"]?["error"]?["type"] == "server_error")
        #expect(machine.code(Self.create) == nil)
    }

    @Test func `the voice is locked by the first audio, and a refused update changes nothing`() {
        var machine = EngineMachine.fixture()
        let coral =
            #"{"type":"session.update","session":{"type":"realtime","instructions":"new","audio":{"output":{"voice":"coral"}}}}"#
        _ = machine.say(Self.create)
        #expect(machine.code(coral) == nil)
        #expect(machine.say(coral).event("session.updated")?["session"]?["audio"]?["output"]?["voice"] == "coral")
        _ = machine.audioMade("resp_1", samples: 2_400)
        let before = machine
        #expect(
            machine.code(coral.replacing("coral", with: "ash").replacing("new", with: "newer")) == "cannot_update_voice"
        )
        #expect(machine == before)
        #expect(machine.code(coral.replacing("new", with: "newest")) == nil)
        #expect(
            machine.code(
                #"{"type":"response.create","response":{"conversation":"none","audio":{"output":{"voice":"ash"}}}}"#)
                == "cannot_update_voice")
    }

    @Test func `instructions of one response do not leak into the next`() {
        var machine = EngineMachine.fixture(###""instructions":"## Identity\nName: Tina\nLanguage: en""###)
        let own =
            ###"{"type":"response.create","response":{"instructions":"## Identity\nName: Max","output_modalities":["text"]}}"###
        let first = machine.say(own).event("response.output_text.done")?["text"]?.string
        #expect(first?.contains("Max") == true)
        machine.replies = 0
        let second = machine.say(Self.create).spoken?.text
        #expect(second?.contains("Tina") == true)
    }

    @Test func `a forced function is called with the plainest arguments`() {
        var machine = EngineMachine.fixture(
            #""tools":[{"type":"function","name":"chart","parameters":{"type":"object","properties":{"sign":{"type":"string","enum":["leo"]},"n":{"type":"integer"}},"required":["sign","n"]}}],"tool_choice":"required""#
        )
        let actions = machine.say(Self.create)
        #expect(
            actions.types == [
                "response.created", "rate_limits.updated", "response.output_item.added", "conversation.item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "conversation.item.done", "response.output_item.done", "response.done", "ended",
            ])
        let call = actions.event("response.done")?["response"]?["output"]?.array?.first
        #expect(call?["arguments"] == #"{"n":0,"sign":"leo"}"#)
        let callID = call?["call_id"]?.string ?? ""
        #expect(
            machine.code(
                #"{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"\#(callID)","output":"ok"}}"#
            ) == nil)
        #expect(
            machine.code(
                #"{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"other","output":"ok"}}"#
            )
                == "invalid_tool_call_id")
    }
}
