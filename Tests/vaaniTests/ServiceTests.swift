import Foundation
import Testing

@testable import vaani

@Suite struct PortProbeTests {
    private func complaint(_ address: ListenAddress) -> CommandError? {
        do throws(CommandError) {
            try PortProbe.check(address)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a taken port is told with the address and a way out`() throws {
        let listener = try Listener()
        defer { listener.stop() }
        let error = self.complaint(ListenAddress(host: "127.0.0.1", port: listener.port))
        #expect(error?.exit == .unavailable)
        #expect(error?.description.hasPrefix("127.0.0.1:\(listener.port) is in use") == true)
        #expect(error?.description.contains("--listen 127.0.0.1:\(listener.port + 1)") == true)
    }

    @Test func `any free port is free`() {
        #expect(self.complaint(ListenAddress(host: "127.0.0.1", port: 0)) == nil)
    }

    @Test(arguments: ["192.0.2.1", "no-such-name.invalid"])
    func `an address of another machine is a matter of configuration`(host: String) {
        #expect(self.complaint(ListenAddress(host: host, port: 8_000))?.exit == .configuration)
    }
}

/// A socket that listens, sharing its port as the server does.
private struct Listener {
    struct Failure: Error {}

    let descriptor: Int32
    let port: Int

    init() throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(self.descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        let outcome = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | listen(descriptor, 1) | getsockname(descriptor, $0, &length)
            }
        }
        guard outcome == 0 else { throw Failure() }
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    func stop() { close(self.descriptor) }
}

@Suite struct StartScreenTests {
    private let terminal = Terminal(environment: ["NO_COLOR": "1"])
    private let screen = StartScreen(
        version: "1.0", program: "vaani", address: "127.0.0.1:8000", isEncrypted: false, personas: 7,
        rejectedPersonas: 0,
        personaFolder: "personas", model: nil, hasUnusedKey: false, example: "tina")

    private func text(_ change: (inout StartScreen) -> Void = { _ in }) -> String {
        var screen = self.screen
        change(&screen)
        return screen.lines(self.terminal).joined(separator: "\n")
    }

    @Test func `it says where personas are shown as well, if anywhere`() {
        #expect(!self.text().contains("Provider"))
        let text = self.text { $0.provider = "https://p.example" }
        #expect(text.contains("Provider   personas are shown by https://p.example as well"))
    }

    @Test func `it says where, who, and what to type next`() {
        #expect(self.text().contains("ws://127.0.0.1:8000/ws-mobile/<user>"))
        #expect(self.text().contains("Try        vaani talk --persona tina"))
        #expect(self.text { $0.address = "127.0.0.1:9" }.contains("vaani talk --url ws://127.0.0.1:9 --persona tina"))
    }

    @Test func `it is honest about what answers`() {
        #expect(self.text().contains("no language model"))
        #expect(self.text { $0.model = ("gpt-realtime", "api.openai.com") }.contains("gpt-realtime at api.openai.com"))
        #expect(self.text { $0.hasUnusedKey = true }.contains("not used"))
        #expect(self.text { $0.rejectedPersonas = 2 }.contains("2 rejected"))
    }
}

@Suite struct PersonaFolderTests {
    @Test func `a directory that is not there stops the start`() {
        #expect(throws: CommandError(.configuration, "personas: there is no directory /nonexistent")) {
            try PersonaFolder.find("/nonexistent")
        }
    }

    @Test func `a file is no directory`() {
        #expect(throws: CommandError.self) { try PersonaFolder.find("/etc/passwd") }
    }
}

@Suite struct ExplainTests {
    @Test(arguments: ["4409", "bad_audio", "1006", "bad_user_id", "426", "503", "internal"])
    func `every code that a client can see is explained`(code: String) {
        #expect(ExplainCommand.explanation(of: code).count >= 2)
    }

    @Test(arguments: ["12345", "", "nonsense", "-1"])
    func `another is not`(code: String) {
        #expect(ExplainCommand.explanation(of: code).isEmpty)
    }
}

@Suite struct EspeakVoiceTests {
    private static let realtimeVoices = [
        "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar",
    ]

    @Test func `no two voices sound alike`() {
        let names = Set(Self.realtimeVoices.map { EspeakVoice(voice: $0, language: "hi").name })
        #expect(names.count == Self.realtimeVoices.count)
    }

    @Test(arguments: [
        ("hi", "hi+f2"), ("hi-IN", "hi+f2"), ("mr", "mr+f2"), ("en-IN", "en+f2"), ("xx", "en+f2"),
        ("", "en+f2"),
    ])
    func `the language is the persona's, English where espeak-ng has none`(language: String, name: String) {
        #expect(EspeakVoice(voice: "coral", language: language).name == name)
    }
}

@Suite struct DataDirectoryTests {
    @Test(arguments: [
        (["HOME": "/home/u"], "/home/u/.local/share/vaani"),
        (["HOME": "/home/u", "XDG_DATA_HOME": "/data"], "/data/vaani"),
        (["HOME": "/home/u", "STATE_DIRECTORY": "/var/lib/vaani:/other"], "/var/lib/vaani"),
    ])
    func `data goes where the system says`(environment: [String: String], path: String) throws {
        #expect(try DataDirectory.find("", environment) == path)
        #expect(try DataDirectory.find("/mine", environment) == "/mine")
    }

    @Test func `without a home a directory has to be named`() {
        #expect(throws: CommandError.self) { try DataDirectory.find("", [:]) }
    }
}
