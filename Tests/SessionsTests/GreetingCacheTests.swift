import ClientProtocol
import Foundation
import Personas
import RealtimeProtocol
import Testing

@testable import Sessions

@Suite struct GreetingCacheTests {
    private func key(_ persona: String, model: String = "m") -> GreetingCache.Key {
        GreetingCache.Key(persona: persona, model: model)
    }

    @Test func `a rendering is found under its persona and its model`() {
        let cache = GreetingCache()
        cache.store([1, 2], for: self.key("a"))
        #expect(cache.audio(for: self.key("a")) == [1, 2])
        #expect(cache.audio(for: self.key("b")) == nil)
        #expect(cache.audio(for: self.key("a", model: "n")) == nil)
    }

    @Test func `what was not asked for longest goes first`() {
        let cache = GreetingCache(limitBytes: 40)
        for name in ["a", "b", "c", "d"] { cache.store([UInt8](repeating: 0, count: 10), for: self.key(name)) }
        _ = cache.audio(for: self.key("a"))
        cache.store([UInt8](repeating: 0, count: 10), for: self.key("e"))
        #expect(cache.audio(for: self.key("a")) != nil)
        #expect(cache.audio(for: self.key("b")) == nil)
    }

    @Test func `a greeting without end does not push out all others`() {
        let cache = GreetingCache(limitBytes: 40)
        cache.store([UInt8](repeating: 0, count: 12), for: self.key("long"))
        #expect(cache.audio(for: self.key("long")) == nil)
    }

    @Test func `the folder keeps as much as memory, the newest`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("greetings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = GreetingCache(limitBytes: 40, folder: folder.path)
        for name in ["a", "b", "c", "d", "e", "f"] {
            cache.store([UInt8](repeating: 7, count: 10), for: self.key(name))
        }
        cache.settle()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
        let reopened = GreetingCache(limitBytes: 40, folder: folder.path)
        reopened.settle()
        #expect(reopened.audio(for: self.key("f")) == [UInt8](repeating: 7, count: 10))
    }

    @Test func `a model's name cannot leave the folder`() {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("greetings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let cache = GreetingCache(folder: folder.path)
        cache.store([1, 2], for: self.key("a", model: "../../x/y"))
        cache.settle()
        #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent("a-______x_y.pcm").path))
    }
}

@Suite struct CachedGreetingTests {
    private let line = ConversationMachine.firstLine

    private func greeted(streaming: Bool = false) -> (ConversationMachine, [SessionAction]) {
        var machine = ConversationMachine()
        if streaming { _ = machine.streamingBegan() }
        _ = machine.choose(.mohit, PersonaRequest(id: "mohit"), greets: true, isGreetingCached: true, now: 0)
        _ = machine.model(.sessionCreated(SessionSummary(id: "s")))
        let actions = machine.model(.sessionUpdated(SessionSummary(id: "s")))
        return (machine, actions)
    }

    @Test func `a cached greeting is played at once, and the model told of it`() {
        let header = ReplyHeader(
            responseID: "greeting_1", itemID: "greeting_1", generation: 0, kind: .greeting, isCached: true)
        let words = Transcript(role: .assistant, itemID: "greeting_1", text: "Hello.", isFinal: true)
        #expect(
            self.greeted().1 == [
                .stop(.setUp(self.line)), .downstream(.configAck(CompiledPersona.mohit.card, switchID: nil)),
                .rememberGreeting(personaID: "mohit"),
                .upstream(
                    self.line, .createItem(.systemText(id: nil, "You have just greeted the caller with: Hello."))),
                .beginReply(header, isTyped: false), .downstream(.state(.speaking)), .playCachedGreeting("mohit"),
                .endReply(.done), .downstream(.transcript(words)),
                .downstream(.textResponse("Hello.", responseID: "greeting_1")),
            ])
    }

    @Test func `a cached greeting can be interrupted, and the model is not asked to cut what it does not have`() {
        var (machine, _) = self.greeted()
        machine.audioSent(2_000, of: "greeting_1", now: 0)
        #expect(
            machine.textReceived("Hello?", now: 500).prefix(3) == [
                .clearAudio(generation: 1, heardMs: 500), .count(.bargeIn),
                .upstream(self.line, .createItem(.userText(id: nil, "Hello?"))),
            ])
    }

    @Test func `a live microphone stays closed until the greeting has been heard`() {
        var (machine, actions) = self.greeted(streaming: true)
        #expect(actions.last == .openMicrophone(false))
        #expect(machine.replyPlays(for: 2_000) == [.start(.replyHeard, .seconds(2))])
        #expect(machine.timerFired(.replyHeard, now: 2_000) == [.openMicrophone(true)])
    }

    @Test func `a greeting that said its words is kept, another is not`() {
        for (words, expected) in [("hello", SessionAction.keepGreeting("mohit")), ("hi", .count(.greetingDrift))] {
            var machine = ConversationMachine()
            machine.makeReady(.mohit, line: 1)
            _ = machine.model(.responseCreated(id: "r", metadata: [:]))
            _ = machine.model(.transcriptDone(.reply("r"), text: words))
            #expect(machine.responseDone("r").contains(expected))
        }
    }
}
