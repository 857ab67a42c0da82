import JSON
import RealtimeProtocol
import Testing

@testable import Engine

/// Creating, retrieving, cutting and deleting items.
@Suite struct EngineMachineItemTests {
    private func text(_ id: String, after previous: String? = nil) -> String {
        let place = previous.map { #","previous_item_id":"\#($0)""# } ?? ""
        return
            #"{"type":"conversation.item.create","item":{"id":"\#(id)","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}\#(place)}"#
    }

    @Test func `items go where the client says`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        _ = machine.say(self.text("c", after: "a"))
        let actions = machine.say(self.text("b", after: "a"))
        _ = machine.say(self.text("first", after: "root"))
        #expect(machine.conversation.items.map(\.id) == ["first", "a", "b", "c"])
        #expect(actions.types == ["conversation.item.added", "conversation.item.done"])
        #expect(actions.event("conversation.item.added")?["previous_item_id"] == "a")
    }

    @Test func `an item needs a known neighbour and an id of its own`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        #expect(machine.code(self.text("b", after: "nowhere")) == "item_create_invalid_previous_item_id")
        #expect(machine.code(self.text("a")) == "item_create_duplicate_item_id")
        #expect(machine.code(self.text(String(repeating: "x", count: 33))) == "string_above_max_length")
        #expect(machine.code(self.text(String(repeating: "x", count: 32))) == nil)
    }

    @Test func `an assistant's item may hold its words only`() {
        var machine = EngineMachine.fixture()
        let actions = machine.say(
            #"{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_audio","audio":"AAAA"}]}}"#
        )
        let error = actions.event("error")?["error"]
        #expect(error?["code"] == "missing_required_parameter")
        #expect(error?["param"] == "item.content[0].text")
    }

    @Test func `unknown items are told by the code of the request`() {
        var machine = EngineMachine.fixture()
        #expect(
            machine.code(#"{"type":"conversation.item.retrieve","item_id":"x"}"#) == "item_retrieve_invalid_item_id")
        #expect(machine.code(#"{"type":"conversation.item.delete","item_id":"x"}"#) == "item_delete_invalid_item_id")
        #expect(
            machine.code(#"{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":0}"#)
                == "item_truncate_invalid_item_id")
    }

    @Test func `a deleted item is gone`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        let delete = #"{"type":"conversation.item.delete","item_id":"a"}"#
        #expect(machine.say(delete) == [.send(ServerEvent("conversation.item.deleted", ["item_id": "a"]))])
        #expect(machine.code(delete) == "item_delete_invalid_item_id")
    }

    @Test func `spoken audio is cut at what was heard, and its words go`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(#"{"type":"response.create"}"#)
        _ = machine.finishSpeaking("resp_1", pieces: 5)
        let truncate = #"{"type":"conversation.item.truncate","item_id":"item_2","content_index":0,"audio_end_ms":"#
        let error = machine.say(truncate + "501}").event("error")?["error"]
        #expect(error?["code"] == "invalid_value")
        #expect(error?["message"] == "Audio content of 500ms is already shorter than 501ms")
        #expect(machine.say(truncate + "320}") == [.send(.truncated("item_2", contentIndex: 0, audioEndMs: 320))])
        #expect(machine.conversation["item_2"]?.content == [.outputAudio(transcript: nil, milliseconds: 320)])
    }

    @Test func `only what the model said can be cut`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        #expect(
            machine.code(#"{"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":0}"#)
                == "unsupported_content_type")
    }

    @Test func `a reply that is cut while it is spoken stays cut`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(#"{"type":"response.create"}"#)
        _ = machine.audioMade("resp_1", samples: 4_800)
        #expect(
            machine.code(
                #"{"type":"conversation.item.truncate","item_id":"item_2","content_index":0,"audio_end_ms":150}"#)
                == nil)
        _ = machine.speechEnded("resp_1")
        #expect(machine.conversation["item_2"]?.content == [.outputAudio(transcript: nil, milliseconds: 200)])
    }

    @Test func `text of the user is quoted in the answer`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        #expect(machine.say(#"{"type":"response.create"}"#).spoken?.text.contains("“hi”") == true)
    }

    @Test func `an empty input leaves the conversation out`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        let actions = machine.say(#"{"type":"response.create","response":{"input":[]}}"#)
        #expect(actions.spoken?.text.contains("“hi”") == false)
    }

    @Test func `a reference brings an item into the context, an unknown one is refused`() {
        var machine = EngineMachine.fixture()
        _ = machine.say(self.text("a"))
        let create =
            #"{"type":"response.create","response":{"conversation":"none","input":[{"type":"item_reference","id":"a"}]}}"#
        #expect(machine.say(create).spoken?.text.contains("“hi”") == true)
        #expect(machine.code(create.replacing(#""id":"a""#, with: #""id":"b""#)) == "invalid_value")
    }

    @Test func `a conversation is bounded: old audio goes first, then old items`() {
        var conversation = Conversation(limits: .init(maxItems: 3, maxTextBytes: 10, maxAudioBytes: 5))
        func speech(_ id: String) -> ConversationItem {
            ConversationItem(
                id: id, body: .message(.user, [.inputAudio(.init(milliseconds: 1, audio: [1, 2, 3]))]))
        }
        conversation.insert(speech("a"))
        conversation.insert(speech("b"))
        #expect(conversation.items.map(\.audioBytes) == [0, 3])
        conversation.insert(speech("c"))
        conversation.insert(speech("d"))
        #expect(conversation.items.map(\.id) == ["b", "c", "d"])
        conversation.insert(ConversationItem(id: "long", body: .message(.user, [.inputText("eleven bytes")])))
        #expect(conversation.items.map(\.id) == ["long"])
    }
}
