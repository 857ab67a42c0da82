import ClientProtocol
import RealtimeProtocol
import Testing

@testable import Sessions

/// Responses of several items: what is heard, in which order, and what the model is told of it.
@Suite struct SpokenPartsTests {
    private let line = ConversationMachine.firstLine

    private func place(_ item: String, _ content: Int = 0) -> OutputPart {
        OutputPart(responseID: "r", itemID: item, contentIndex: content)
    }

    private func audio(_ value: UInt8, ms: Int) -> [UInt8] { [UInt8](repeating: value, count: ms * 48) }

    /// Two items of 1 s each.
    private func two() -> SpokenParts {
        var parts = SpokenParts()
        _ = parts.take(self.audio(1, ms: 1_000), of: self.place("a"))
        _ = parts.completed(self.place("a"))
        _ = parts.take(self.audio(2, ms: 1_000), of: self.place("b"))
        return parts
    }

    @Test func `parts that come one after the other are heard at once`() {
        var parts = SpokenParts()
        #expect(parts.take([1, 1], of: self.place("a")) == [1, 1])
        #expect(parts.completed(self.place("a")) == [])
        #expect(parts.take([2, 2], of: self.place("b")) == [2, 2])
        #expect(parts.firstItemID == "a")
    }

    @Test func `parts that come at the same time are heard one after the other`() {
        var parts = SpokenParts()
        #expect(parts.take([1, 1], of: self.place("a")) == [1, 1])
        #expect(parts.take([2, 2], of: self.place("b")) == [])
        #expect(parts.take([3, 3], of: self.place("c")) == [])
        #expect(parts.take([1, 1], of: self.place("a")) == [1, 1])
        #expect(parts.take([2, 2], of: self.place("b")) == [])
        #expect(parts.completed(itemID: "c") == [])
        #expect(parts.completed(self.place("a")) == [2, 2, 2, 2])
        #expect(parts.take([2, 2], of: self.place("b")) == [2, 2])
        #expect(parts.completed(self.place("b")) == [3, 3])
    }

    @Test func `two contents of one item are two parts`() {
        var parts = SpokenParts()
        _ = parts.take(self.audio(1, ms: 100), of: self.place("a", 0))
        #expect(parts.take(self.audio(2, ms: 100), of: self.place("a", 1)) == [])
        #expect(parts.completed(self.place("a", 0)) == self.audio(2, ms: 100))
        #expect(parts.cuts(atMs: 150) == [.truncate(itemID: "a", contentIndex: 1, atMs: 50)])
        #expect(parts.cuts(atMs: 50) == [.truncate(itemID: "a", contentIndex: 0, atMs: 50)])
    }

    @Test func `the end of the response lets out what waits`() {
        var parts = SpokenParts()
        _ = parts.take([1, 1], of: self.place("a"))
        _ = parts.take([2, 2], of: self.place("b"))
        #expect(parts.completedAll() == [2, 2])
    }

    @Test func `a part that ends in mid-sample does not make noise of the next`() {
        var parts = SpokenParts()
        #expect(parts.take([1, 1, 1], of: self.place("a")) == [1, 1, 1])
        _ = parts.completed(self.place("a"))
        #expect(parts.take([2, 2], of: self.place("b")) == [0, 2, 2])
    }

    @Test func `no more than a minute waits`() {
        var parts = SpokenParts()
        _ = parts.take([1, 1], of: self.place("a"))
        for _ in 0..<100 { _ = parts.take(self.audio(2, ms: 1_000), of: self.place("b")) }
        #expect(parts.completedAll().count == 60_000 * 48)
    }

    @Test(
        arguments: [
            (0, [.delete(itemID: "a"), .delete(itemID: "b")]),
            (400, [.truncate(itemID: "a", contentIndex: 0, atMs: 400), .delete(itemID: "b")]),
            (1_000, [.delete(itemID: "b")]), (1_300, [.truncate(itemID: "b", contentIndex: 0, atMs: 300)]), (2_000, []),
            (9_000, []),
        ] as [(Int, [SpokenParts.Cut])])
    func `each item is cut where it was heard, and deleted if it was not`(heardMs: Int, cuts: [SpokenParts.Cut]) {
        #expect(self.two().cuts(atMs: heardMs) == cuts)
    }

    @Test func `an item that waited is deleted`() {
        var parts = SpokenParts()
        _ = parts.take(self.audio(1, ms: 100), of: self.place("a"))
        _ = parts.take(self.audio(2, ms: 100), of: self.place("b"))
        #expect(
            parts.cuts(atMs: 50) == [.truncate(itemID: "a", contentIndex: 0, atMs: 50), .delete(itemID: "b")])
    }

    // MARK: In a conversation

    private func speaking() -> ConversationMachine {
        var machine = ConversationMachine.asked()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.audioDelta(self.place("a"), audio: self.audio(1, ms: 1_000)))
        _ = machine.model(.transcriptDone(self.place("a"), text: "One moment."))
        _ = machine.model(.outputItemDone(responseID: "r", ItemSummary(id: "a")))
        return machine
    }

    @Test func `a reply of two items is one reply, spoken in order`() {
        var machine = self.speaking()
        #expect(machine.model(.audioDelta(self.place("b"), audio: [2, 2])) == [.play([2, 2])])
        _ = machine.model(.transcriptDone(self.place("b"), text: "You will travel."))
        let done = machine.responseDone("r")
        #expect(done.contains(.downstream(.textResponse("One moment. You will travel.", responseID: "r"))))
        #expect(done.filter { $0 == .endReply(.done) }.count == 1)
    }

    @Test func `items that come at the same time are not mixed`() {
        var machine = ConversationMachine.asked()
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.audioDelta(self.place("a"), audio: [1, 1]))
        #expect(machine.model(.audioDelta(self.place("b"), audio: [2, 2])) == [])
        #expect(machine.model(.audioDelta(self.place("a"), audio: [1, 1])) == [.play([1, 1])])
        #expect(machine.model(.audioDone(self.place("a"))) == [.play([2, 2])])
    }

    @Test func `an interruption in the second item leaves the first as it is`() {
        for isDone in [false, true] {
            var machine = self.speaking()
            _ = machine.model(.audioDelta(self.place("b"), audio: self.audio(2, ms: 1_000)))
            machine.audioSent(2_000, of: "a", now: 0)
            if isDone { _ = machine.responseDone("r") }
            let actions = machine.cancelReceived(now: 1_300)
            let forgotten = actions.filter {
                switch $0 {
                case .upstream(_, .truncateItem), .upstream(_, .deleteItem): true
                default: false
                }
            }
            #expect(forgotten == [.upstream(self.line, .truncateItem(itemID: "b", contentIndex: 0, audioEndMs: 300))])
        }
    }

    @Test func `a model that cannot truncate forgets the item`() {
        var machine = ConversationMachine.ready(truncates: false)
        _ = machine.textReceived("Hello?", now: 0)
        _ = machine.model(.responseCreated(id: "r", metadata: [:]))
        _ = machine.model(.audioDelta(self.place("a"), audio: self.audio(1, ms: 1_000)))
        machine.audioSent(1_000, of: "a", now: 0)
        #expect(machine.cancelReceived(now: 300).contains(.upstream(self.line, .deleteItem(itemID: "a"))))
    }

    @Test func `a new line is not told of items that it never had`() {
        var machine = self.speaking()
        machine.audioSent(1_000, of: "a", now: 0)
        _ = machine.responseDone("r")
        _ = machine.lineFailed(self.line, UpstreamFailure(.transient, "reset"), now: 100)
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")), line: 2)
        _ = machine.model(.sessionUpdated(SessionSummary(id: "s")), line: 2)
        #expect(
            machine.cancelReceived(now: 300) == [.clearAudio(generation: 1, heardMs: 300), .count(.bargeIn)])
    }
}

/// What both sides may lose by a hair, and what comes too late.
@Suite struct RaceTests {
    private static let races = [
        RealtimeError(type: "invalid_request_error", code: "response_cancel_not_active", message: ""),
        RealtimeError(type: "error", message: "Cancellation failed: no active response found"),
        RealtimeError(
            type: "invalid_request_error", code: "invalid_value",
            message: "Audio content of 600ms is already shorter than 1200ms"),
        RealtimeError(type: "invalid_request_error", code: "item_truncate_invalid_item_id", message: ""),
        RealtimeError(type: "invalid_request_error", code: "item_delete_invalid_item_id", message: ""),
        RealtimeError(type: "invalid_request_error", message: "Item 'item_1' not found"),
        RealtimeError(type: "invalid_request_error", message: "The item with id 'item_1' does not exist."),
        RealtimeError(type: "invalid_request_error", code: "input_audio_buffer_commit_empty", message: ""),
    ]

    @Test(arguments: Self.races) func `a lost race changes nothing, whatever is going on`(race: RealtimeError) {
        var cancelled = ConversationMachine.responding()
        _ = cancelled.cancelReceived(now: 100)
        var requestCancelled = ConversationMachine.asked()
        _ = requestCancelled.cancelReceived(now: 100)
        for before in [.ready(), .asked(), .responding(), cancelled, requestCancelled] {
            var machine = before
            #expect(machine.model(.error(race)) == [])
            #expect(machine == before)
        }
    }

    @Test func `nothing of a generation that is over is heard, seen or counted`() {
        var machine = ConversationMachine.responding()
        _ = machine.textReceived("Wait", now: 100)
        let after = machine
        let late: [RealtimeServerEvent] = [
            .audioDelta(.reply("resp_1"), audio: [1, 1]), .transcriptDelta(.reply("resp_1"), text: "late"),
            .transcriptDone(.reply("resp_1"), text: "late"), .audioDone(.reply("resp_1")),
            .outputItemDone(responseID: "resp_1", ItemSummary(id: "item_resp_1")),
        ]
        for event in late { #expect(machine.model(event, now: 150) == []) }
        #expect(machine == after)
    }

    @Test func `a late end of an old response does not end the new one`() {
        var machine = ConversationMachine.responding()
        _ = machine.textReceived("Wait", now: 100)
        _ = machine.responseDone("resp_1", .cancelled)
        _ = machine.model(.responseCreated(id: "resp_2", metadata: [:]))
        let before = machine
        #expect(machine.responseDone("resp_1", .cancelled) == [])
        #expect(machine.model(.audioDelta(.reply("resp_1"), audio: [1, 1])) == [])
        #expect(machine == before)
    }

    @Test func `what a line says after it was left is not heard`() {
        var machine = ConversationMachine.ready()
        machine.makeReady(.mohit, line: 2)
        let before = machine
        for event: RealtimeServerEvent in [
            .responseCreated(id: "x", metadata: [:]), .audioDelta(.reply("x"), audio: [1, 1]),
            .speechStarted(itemID: "u", audioStartMs: 0), .inputAudioCommitted(itemID: "u", previousItemID: nil),
            .error(RealtimeError(type: "error", code: "session_expired", message: "")),
        ] {
            #expect(machine.model(event, line: 1) == [])
        }
        #expect(machine == before)
    }
}
