import JSON
import Testing

@testable import vaani

@Suite struct TalkMachineTests {
    private static let acknowledged: JSONValue = [
        "type": "config_ack", "astrologer_id": "tina", "persona": ["name": "Tina", "language": "hi"],
    ]
    private static let wav = [UInt8](repeating: 0, count: 44) + [1, 0, 2, 0]

    private static var audio: JSONValue {
        ["type": "audio_response", "audio": .string(String(decoding: Base64.encode(self.wav), as: UTF8.self))]
    }

    private func started(_ script: [TalkTurn] = [], isInteractive: Bool = false) -> TalkMachine {
        var machine = TalkMachine(persona: "tina", script: script, greets: false, isInteractive: isInteractive)
        _ = machine.connected()
        return machine
    }

    @Test func `it names its persona first`() {
        var machine = TalkMachine(persona: "tina", script: [], greets: true, isInteractive: true)
        #expect(machine.connected() == [.send(["type": "config", "astrologer_id": "tina", "greet": true])])
    }

    @Test func `the question follows the acknowledgement`() {
        var machine = self.started([.text("When?")])
        #expect(
            machine.received(Self.acknowledged, at: .zero) == [
                .showPersona(id: "tina", name: "Tina", language: "hi"), .send(["type": "text", "text": "When?"]),
            ])
    }

    @Test func `audio and text in either order make one reply, and the time to the first audio`() {
        let reply = TalkMachine.Reply(speaker: "Tina", text: "Soon.", wav: Self.wav, waited: .milliseconds(800))
        let text: JSONValue = ["type": "text_response", "text": "Soon."]
        for isAudioFirst in [true, false] {
            var machine = self.started([.text("When?")])
            _ = machine.received(Self.acknowledged, at: .milliseconds(200))
            let first = machine.received(isAudioFirst ? Self.audio : text, at: .milliseconds(1_000))
            let second = machine.received(isAudioFirst ? text : Self.audio, at: .milliseconds(1_000))
            #expect(first + second == [.keep(wav: Self.wav), .showReply(reply), .finish(.success)])
        }
    }

    @Test func `a script is said turn by turn`() {
        var machine = self.started([.text("one"), .text("two")])
        _ = machine.received(Self.acknowledged, at: .zero)
        _ = machine.received(Self.audio, at: .seconds(1))
        let actions = machine.received(["type": "text_response", "text": "1"], at: .seconds(1))
        #expect(actions.last == .send(["type": "text", "text": "two"]))
    }

    @Test func `the lines of a pipe wait for each other's answers`() {
        var machine = TalkMachine(persona: "tina", script: [], greets: false, isInteractive: false, readsLines: true)
        _ = machine.connected()
        #expect(machine.queued(.say(.text("one")), at: .zero) == [])
        #expect(machine.queued(.switchTo("mohit"), at: .zero) == [])
        #expect(machine.queued(.say(.text("two")), at: .zero) == [])
        #expect(machine.queued(.finish, at: .zero) == [])
        #expect(machine.received(Self.acknowledged, at: .zero).last == .send(["type": "text", "text": "one"]))
        _ = machine.received(Self.audio, at: .zero)
        #expect(
            machine.received(["type": "text_response", "text": "1"], at: .zero).last
                == .send(["type": "config", "astrologer_id": "mohit", "greet": false]))
        #expect(machine.received(Self.acknowledged, at: .zero).last == .send(["type": "text", "text": "two"]))
        _ = machine.received(Self.audio, at: .zero)
        #expect(machine.received(["type": "text_response", "text": "2"], at: .zero).last == .finish(.success))
    }

    @Test func `a pipe that is slow does not end the conversation`() {
        var machine = TalkMachine(persona: "tina", script: [], greets: false, isInteractive: false, readsLines: true)
        _ = machine.connected()
        _ = machine.received(Self.acknowledged, at: .zero)
        #expect(machine.queued(.say(.text("one")), at: .zero) == [.send(["type": "text", "text": "one"])])
        _ = machine.received(Self.audio, at: .zero)
        #expect(machine.received(["type": "text_response", "text": "1"], at: .zero).count == 1)
        #expect(machine.queued(.finish, at: .seconds(9)) == [.finish(.success)])
    }

    @Test func `a person goes on after a reply and after an error`() {
        var machine = self.started(isInteractive: true)
        _ = machine.received(Self.acknowledged, at: .zero)
        #expect(machine.said(.text("hm"), at: .zero) == [.send(["type": "text", "text": "hm"])])
        #expect(
            machine.received(["type": "error", "code": "bad_audio", "message": "no"], at: .zero)
                == [.showProblem("no (bad_audio)")])
    }

    @Test(arguments: [
        ("persona_not_found", ExitCode.badData), ("bad_audio", .badData), ("upstream_unavailable", .unavailable),
        ("rate_limited", .unavailable), ("anything_new", .unavailable),
    ])
    func `an error ends a script with the code that tells whose fault it was`(code: String, exit: ExitCode) {
        var machine = self.started([.text("When?")])
        let actions = machine.received(["type": "error", "code": .string(code), "message": "no"], at: .zero)
        #expect(actions == [.showProblem("no (\(code))"), .finish(exit)])
    }

    @Test(arguments: [[:], [], .null, ["type": 7], ["type": "audio_response", "audio": "####"]] as [JSONValue])
    func `messages that make no sense do no harm`(message: JSONValue) {
        var machine = self.started(isInteractive: true)
        let actions = machine.received(message, at: .zero)
        #expect(!actions.contains { if case .finish = $0 { true } else { false } })
    }

    @Test(arguments: [
        ("hello", TalkLine.say("hello")), ("  /quit ", .quit), ("/switch  mohit", .switchTo("mohit")),
        ("/audio a b.m4a", .sendFile("a b.m4a")), ("/save x.wav", .saveTo("x.wav")), ("", .empty),
        ("/switch", .unknown("/switch")), ("/nonsense x", .unknown("/nonsense")),
    ])
    func `a typed line is words or a command`(text: String, line: TalkLine) {
        #expect(TalkLine(text) == line)
    }
}

@Suite struct PersonaDirectoryTests {
    private let directory = PersonaDirectory([
        "items": [
            ["id": "tina_kulkarni_vedic_marriage", "name": "Tina Kulkarni"],
            ["id": "mohit_vedic_marriage", "name": "Mohit"],
            ["id": "mohini", "name": "Mohini"],
        ]
    ])

    private func complaint(_ text: String) -> String? {
        do throws(CommandError) {
            _ = try self.directory.resolve(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `an id or the beginning of one is enough`() throws {
        #expect(try self.directory.resolve("tina") == "tina_kulkarni_vedic_marriage")
        #expect(try self.directory.resolve("MOHIT") == "mohit_vedic_marriage")
        #expect(try self.directory.resolve("mohini") == "mohini")
        #expect(try self.directory.resolve("2") == "2")
    }

    @Test func `a beginning of several names them all`() {
        #expect(self.complaint("moh") == "moh may be any of mohini, mohit_vedic_marriage; write more of it")
    }

    @Test func `nobody of that name is said with who there is`() {
        #expect(self.complaint("mohinni") == "there is no persona mohinni; did you mean mohini?")
        #expect(self.complaint("zz")?.hasPrefix("there is no persona zz; there are mohini") == true)
    }
}

@Suite struct LoudnessTests {
    @Test func `louder is higher, and silence is lowest`() {
        #expect(Loudness.line([0, 0, 300, 3_000, 32_767, .min], columns: 6) == "▁▁▂▅██")
        #expect(Loudness.line([]) == "")
        #expect(Loudness.line([Int16](repeating: 1, count: 100_000), columns: 32).count <= 32)
    }

    @Test func `a WAV shorter than its header has no samples`() {
        #expect(WAVFile.samples([1, 2, 3]) == [])
        #expect(WAVFile.samples([UInt8](repeating: 0, count: 44) + [1, 0, 255, 255, 9]) == [1, -1])
    }
}
