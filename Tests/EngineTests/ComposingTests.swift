import JSON
import LanguageModels
import Testing

@testable import Engine

/// Replies that a language model writes, and speech that somebody writes down: decisions.
@Suite struct ComposingTests {
    private static let create = #"{"type":"response.create"}"#
    private static let commit = #"{"type":"input_audio_buffer.commit"}"#
    private static let transcripts = #""audio":{"input":{"transcription":{"model":"whisper-1"}}}"#

    private func machine(
        composes: Bool = true, transcribes: Bool = false, _ settings: String = #""instructions":"You are Tina.""#
    ) -> EngineMachine {
        let identity = SessionIdentity(id: "sess", conversationID: "conv", model: "m", expiresAt: 1_790_000_000)
        var machine = EngineMachine(
            identity: identity, ids: IdentifierSource(salt: ""),
            abilities: EngineMachine.Abilities(composes: composes, transcribes: transcribes))
        _ = machine.say(
            #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#)
        let update = #"{"type":"session.update","session":{"type":"realtime",\#(settings)}}"#
        let actions = machine.say(update)
        precondition(actions.types == ["session.updated"], "\(actions)")
        return machine
    }

    private func type(_ text: String, to machine: inout EngineMachine) {
        _ = machine.say(
            #"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"\#(text)"}]}}"#
        )
    }

    private func metadata(_ actions: [EngineAction]) -> JSONValue? {
        actions.event("response.done")?["response"]?["metadata"]
    }

    // MARK: Replies

    @Test func `sentences are spoken as they are written`() {
        var machine = self.machine()
        self.type("When?", to: &machine)
        var actions = machine.say(Self.create)
        #expect(actions.types.suffix(3) == ["response.content_part.added", "expectWords", "compose"])
        guard case .compose("resp_2", let request)? = actions.last else { return #expect(Bool(false)) }
        #expect(request.messages.last == ChatMessage(.user, "When?") && request.payer == "sess")
        let spoken = [machine.composed("resp_2", "In *spring*. "), machine.composed("resp_2", "Or in autumn.")]
        #expect(spoken.map { $0.spoken?.text } == ["In spring. ", "Or in autumn."])
        let ended = machine.compositionEnded("resp_2")
        #expect(ended == [.speechIsWritten(responseID: "resp_2")])
        actions = machine.finishSpeaking("resp_2", pieces: 30)
        #expect(actions.event("response.output_audio_transcript.done")?["transcript"] == "In *spring*. Or in autumn.")
        #expect(self.metadata(actions) == ["vaani_reply": "language_model"])
    }

    @Test func `text is sent as it is written, up to its limit`() {
        var machine = self.machine()
        self.type("When?", to: &machine)
        _ = machine.say(
            #"{"type":"response.create","response":{"output_modalities":["text"],"max_output_tokens":3}}"#)
        let first = machine.composed("resp_2", "In spring. ")
        #expect(first.event("response.output_text.delta")?["delta"] == "In spring. ")
        let actions = machine.composed("resp_2", "Or in autumn.")
        #expect(actions.event("response.output_text.done")?["text"] == "In spring. O")
        #expect(actions.event("response.done")?["response"]?["status"] == "incomplete")
        let late = machine.composed("resp_2", "more") + machine.compositionEnded("resp_2")
        #expect(late.isEmpty)
    }

    @Test func `a model that fails at once is stood in for, with a warning`() {
        var machine = self.machine()
        self.type("When?", to: &machine)
        _ = machine.say(#"{"type":"response.create","response":{"metadata":{"kind":"x"}}}"#)
        let actions = machine.compositionEnded("resp_2", warning: "timeout")
        #expect(actions.types == ["speak", "speechIsWritten"])
        #expect(actions.spoken?.text.contains("When?") == true)
        let done = machine.finishSpeaking("resp_2", pieces: 1)
        #expect(self.metadata(done) == ["kind": "x", "vaani_reply": "embedded", "vaani_warning": "timeout"])
    }

    @Test func `a model that says nothing is stood in for too`() {
        var machine = self.machine()
        _ = machine.say(Self.create)
        let actions = machine.compositionEnded("resp_1")
        #expect(actions.spoken != nil)
    }

    @Test func `what a model had said before it failed stands`() {
        var machine = self.machine()
        _ = machine.say(Self.create)
        _ = machine.composed("resp_1", "In spring. ")
        let actions = machine.compositionEnded("resp_1", warning: "unavailable")
        #expect(actions == [.speechIsWritten(responseID: "resp_1")])
        let done = machine.finishSpeaking("resp_1", pieces: 9)
        #expect(self.metadata(done) == ["vaani_reply": "language_model", "vaani_warning": "unavailable"])
    }

    @Test func `of a reply that was cut short the model is told what was heard`() {
        for (endMs, heard) in [
            (1_000, "One two three four …"), (300, "One …"),
            (2_000, "One two three four five six seven eight nine"),
        ] {
            var machine = self.machine()
            _ = machine.say(Self.create)
            _ = machine.composed("resp_1", "One two three four five six seven eight nine")
            _ = machine.compositionEnded("resp_1")
            _ = machine.finishSpeaking("resp_1", pieces: 20)
            if endMs < 2_000 {
                _ = machine.say(
                    #"{"type":"conversation.item.truncate","item_id":"item_2","content_index":0,"audio_end_ms":\#(endMs)}"#
                )
            }
            self.type("Go on.", to: &machine)
            guard case .compose(_, let request)? = machine.say(Self.create).last else { return #expect(Bool(false)) }
            #expect(request.messages.dropFirst().map(\.text) == [heard, "Go on."])
        }
    }

    @Test func `a cancelled reply takes no more sentences`() {
        var machine = self.machine()
        _ = machine.say(Self.create)
        _ = machine.composed("resp_1", "In spring. ")
        let cancelled = machine.say(#"{"type":"response.cancel"}"#)
        let late = machine.composed("resp_1", "More.") + machine.compositionEnded("resp_1")
        #expect(cancelled.types.last == "ended" && late.isEmpty)
    }

    @Test func `a line that is to be said exactly, and a forced call, are no matter for a model`() {
        var machine = self.machine()
        let exact = machine.say(
            #"{"type":"response.create","response":{"instructions":"Say exactly: \"Namaste!\""}}"#)
        #expect(exact.spoken?.text == "Namaste!" && !exact.types.contains("compose"))
        _ = machine.finishSpeaking("resp_1", pieces: 1)
        let forced = machine.say(
            #"{"type":"response.create","response":{"tools":[{"type":"function","name":"f"}],"tool_choice":"required"}}"#
        )
        #expect(!forced.types.contains("compose"))
    }

    @Test func `a response's own instructions come on top of the persona's`() {
        var machine = self.machine()
        let actions = machine.say(#"{"type":"response.create","response":{"instructions":"Ask for the name."}}"#)
        guard case .compose(_, let request)? = actions.last else { return #expect(Bool(false)) }
        #expect(request.messages[0].text.hasPrefix("You are Tina.\n\nAsk for the name."))
    }

    @Test func `without a model nothing is labelled`() {
        var machine = self.machine(composes: false)
        _ = machine.say(#"{"type":"response.create","response":{"metadata":{"kind":"x"}}}"#)
        let done = machine.finishSpeaking("resp_1", pieces: 9)
        #expect(self.metadata(done) == ["kind": "x"])
    }

    // MARK: Hearing

    private func speak(to machine: inout EngineMachine, milliseconds: Int = 1_000) -> [EngineAction] {
        _ = machine.hear(Sound.tone(milliseconds))
        return machine.say(Self.commit)
    }

    private func hearing(_ actions: [EngineAction]) -> Hearing? {
        for case .transcribe(_, let hearing) in actions { return hearing }
        return nil
    }

    @Test func `speech is written down and told`() {
        var machine = self.machine(composes: false, transcribes: true, Self.transcripts)
        let actions = self.speak(to: &machine)
        #expect(self.hearing(actions)?.milliseconds == 1_000 && self.hearing(actions)?.audio.count == 48_000)
        #expect(!actions.types.contains("conversation.item.input_audio_transcription.completed"))
        let told = machine.transcribed("item_1", "When will I marry?")
        #expect(
            told.event("conversation.item.input_audio_transcription.completed") == [
                "item_id": "item_1", "content_index": 0, "transcript": "When will I marry?",
                "usage": ["type": "duration", "seconds": 1.0],
            ])
        let again = machine.transcribed("item_1", "again")
        #expect(again.isEmpty, "words come once")
        let item = machine.say(#"{"type":"conversation.item.retrieve","item_id":"item_1"}"#)
        let content = item.event("conversation.item.retrieved")?["item"]?["content"]?.array?.first
        #expect(content?["transcript"] == "When will I marry?")
    }

    @Test func `a reply waits for the words that it answers`() {
        var machine = self.machine(transcribes: true)
        _ = self.speak(to: &machine)
        let waiting = machine.say(Self.create)
        #expect(waiting.types.last == "expectWords")
        let actions = machine.transcribed("item_1", "When?")
        guard case .compose(_, let request)? = actions.last else { return #expect(Bool(false), "\(actions.types)") }
        #expect(request.messages.last == ChatMessage(.user, "When?"))
        #expect(actions.count == 1, "a client that wants no transcript is told none")
    }

    @Test func `words that nobody knows are not made up`() {
        for fails in [true, false] {
            var machine = self.machine(transcribes: true, Self.transcripts)
            _ = self.speak(to: &machine)
            _ = machine.say(Self.create)
            let actions = fails ? machine.transcriptionFailed("item_1", "timeout") : machine.transcribed("item_1", "")
            #expect(actions.types.suffix(2) == ["speak", "speechIsWritten"])
            let failure = actions.event("conversation.item.input_audio_transcription.failed")
            #expect(failure?["error"]?["code"] == (fails ? "timeout" : nil))
            let warning = self.metadata(machine.finishSpeaking("resp_2", pieces: 1))?["vaani_warning"]
            #expect(warning == "speech_not_recognised")
        }
    }

    @Test func `a reply that waits in vain is stood in for, and late words change nothing`() {
        var machine = self.machine(transcribes: true)
        _ = self.speak(to: &machine)
        _ = machine.say(Self.create)
        let actions = machine.compositionEnded("resp_2", warning: "timeout")
        let late = machine.transcribed("item_1", "When?")
        #expect(actions.spoken != nil && late.isEmpty)
    }

    @Test func `without a recognizer a model answers typed words alone`() {
        var machine = self.machine()
        _ = self.speak(to: &machine)
        let actions = machine.say(Self.create)
        #expect(actions.types.suffix(3) == ["expectWords", "speak", "speechIsWritten"])
        #expect(actions.spoken?.text.contains("1.0 seconds") == true)
    }

    @Test func `a recording of two minutes is still heard, a longer one is refused honestly`() {
        for (seconds, isHeard) in [(119, true), (122, false)] {
            var machine = self.machine(composes: false, transcribes: true, Self.transcripts)
            for _ in 0..<seconds { _ = machine.hear(Sound.silence(1_000)) }
            let actions = machine.say(Self.commit)
            #expect((self.hearing(actions) != nil) == isHeard)
            let failure = actions.event("conversation.item.input_audio_transcription.failed")
            #expect(failure?["error"]?["code"] == (isHeard ? nil : "audio_too_long"))
        }
    }

    @Test(arguments: [AudioFormat.pcm, .pcmu, .pcma]) func `speech goes out at the rate it came in`(format: AudioFormat)
    {
        let hearing = Hearing(
            audio: Array(repeating: 0x55, count: 1_600), format: format, milliseconds: 1, language: "hi")
        let wav = hearing.utterance.wav
        #expect(wav.count == 44 + (format == .pcm ? 1_600 : 3_200))
        #expect(Int(wav[24]) | Int(wav[25]) << 8 == (format == .pcm ? 24_000 : 8_000))
    }
}
