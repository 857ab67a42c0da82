import JSON
import RealtimeProtocol
import Testing

@testable import Engine

/// Whatever order things happen in, the promises of the protocol hold.
@Suite struct EngineMachineDiceTests {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return self.state ^ self.state >> 29
        }
    }

    /// What a client has been told so far.
    private struct Ledger {
        var running: Set<String> = []
        var inConversation: Set<String> = []
        var items: Set<String> = []

        mutating func read(_ event: ServerEvent) {
            let fields = JSONValue.object(event.fields)
            let response = fields["response"]
            let responseID = response?["id"]?.string ?? fields["response_id"]?.string ?? ""
            switch event.type {
            case "response.created":
                let isNew = self.running.insert(responseID).inserted
                #expect(isNew, "a response begins twice")
                guard response?["conversation_id"] != .null else { return }
                #expect(self.inConversation.isEmpty, "two responses in one conversation")
                self.inConversation.insert(responseID)
            case "response.done":
                let ended = self.running.remove(responseID)
                #expect(ended != nil, "a response that never began is done")
                self.inConversation.remove(responseID)
            case "conversation.item.added":
                let isNew = self.items.insert(fields["item"]?["id"]?.string ?? "").inserted
                #expect(isNew, "an item is added twice")
            case let type where type.hasPrefix("response."):
                #expect(self.running.contains(responseID), "\(type) outside its response")
            default: break
            }
        }
    }

    private static let events = [
        #"{"type":"response.create"}"#, #"{"type":"response.create","response":{"conversation":"none"}}"#,
        #"{"type":"response.create","response":{"output_modalities":["text"]}}"#, #"{"type":"response.cancel"}"#,
        #"{"type":"input_audio_buffer.commit"}"#, #"{"type":"input_audio_buffer.clear"}"#,
        #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#,
        #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad"}}}}}"#,
        #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}}}"#,
        #"{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}"#,
        #"{"type":"conversation.item.create","item":{"type":"force_message","content":[{"type":"output_text","text":"one two three"}]}}"#,
        #"{"type":"conversation.item.create","item":{"id":"mine","type":"force_message","content":[{"type":"output_text","text":"one"}]}}"#,
    ]

    @Test(arguments: 1...20) func `every response begins once, ends once, and has the floor alone`(seed: UInt64) {
        var dice = Dice(state: seed)
        var machine = EngineMachine.fixture()
        var ledger = Ledger()
        for _ in 0..<300 {
            let id = machine.responses.randomElement(using: &dice)?.id ?? ""
            let item = machine.conversation.items.randomElement(using: &dice)?.id ?? ""
            let actions =
                switch Int.random(in: 0..<10, using: &dice) {
                case 0: machine.hear(Sound.tone(300))
                case 1: machine.hear(Sound.silence(600))
                case 2: machine.audioMade(id, samples: 2_400)
                case 3: machine.speechEnded(id)
                case 4: machine.speechFailed(id)
                case 5: machine.say(#"{"type":"conversation.item.delete","item_id":"\#(item)"}"#)
                case 6:
                    machine.say(
                        #"{"type":"conversation.item.truncate","item_id":"\#(item)","content_index":0,"audio_end_ms":50}"#
                    )
                default: machine.say(Self.events.randomElement(using: &dice) ?? "")
                }
            for event in actions.events { ledger.read(event) }
            #expect(ledger.running == Set(machine.responses.map(\.id)))
            let deleted = actions.event("conversation.item.deleted")?["item_id"]?.string
            if let deleted { ledger.items.remove(deleted) }
            #expect(ledger.items == Set(machine.conversation.items.map(\.id)))
        }
    }
}
