import JSON
import RealtimeProtocol
import Sessions
import Testing

@testable import vaani

@Suite struct ConfigurationTests {
    private struct NoSuchFile: Error {}

    private func read(
        flags: [String] = [], environment: [String: String] = [:], files: [String: String] = [:]
    ) throws -> Configuration {
        let reader = ConfigurationReader(environment: environment) {
            guard let text = files[$0] else { throw NoSuchFile() }
            return Array(text.utf8)
        }
        return try reader.read(Arguments(parsing: flags, flags: Configuration.flags))
    }

    private func fault(
        flags: [String] = [], environment: [String: String] = [:], files: [String: String] = [:]
    ) -> String {
        do {
            _ = try self.read(flags: flags, environment: environment, files: files)
            return "no fault"
        } catch {
            return "\(error)"
        }
    }

    @Test func `without anything it listens on this machine alone`() throws {
        let configuration = try self.read()
        #expect(configuration.listen == [ListenAddress(host: "127.0.0.1", port: 8_000)])
        #expect(configuration.usesEmbeddedEngine && configuration.upstreamKey == nil)
    }

    @Test func `a flag outranks the environment, that a file, that the default`() throws {
        let files = ["c.json": #"{"max_sessions": 3, "drain_timeout": "7s", "origins": ["https://a", "https://b"]}"#]
        let environment = ["VAANI_CONFIG": "c.json", "VAANI_MAX_SESSIONS": "4", "VAANI_LOG_LEVEL": "debug"]
        let configuration = try self.read(flags: ["--max-sessions", "5"], environment: environment, files: files)
        #expect(configuration.maxSessions == 5)
        #expect(configuration.drainTimeout == .seconds(7))
        #expect(configuration.origins == ["https://a", "https://b"])
        #expect(configuration.logLevel == .debug)
        #expect(configuration.origin["max_sessions"] == "--max-sessions")
        #expect(configuration.origin["drain_timeout"] == "c.json")
        #expect(configuration.origin["hang_up"] == nil)
    }

    @Test func `every default lies within its own bounds and reads back as itself`() throws {
        let defaults = Configuration()
        for setting in Configuration.settings where !setting.show(defaults).isEmpty {
            var copy = Configuration()
            try setting.read(setting.show(defaults), &copy)
            #expect(setting.show(copy) == setting.show(defaults), "\(setting.key)")
        }
    }

    @Test func `a second model has a key of its own and takes the rest from the first`() throws {
        let environment = [
            "VAANI_UPSTREAM_URL": "wss://a.example/v1/realtime", "VAANI_UPSTREAM_KEY": "sk-a",
            "VAANI_UPSTREAM_MODEL": "m", "VAANI_UPSTREAM_FALLBACK_URL": "wss://b.example/v1/realtime",
            "VAANI_UPSTREAM_FALLBACK_DIALECT": "xai",
        ]
        let fallback = try #require(try self.read(environment: environment).fallbackEndpoint)
        #expect(fallback.url == "wss://b.example/v1/realtime" && fallback.model == "m")
        #expect(fallback.key == nil, "the first one's key is not for others")
        #expect(fallback.dialect.name == "xai" && fallback.capabilities.speaksVerbatim)
        #expect(
            self.fault(environment: ["VAANI_UPSTREAM_FALLBACK_URL": "wss://b"]).contains("there is no upstream_url"))
        #expect(self.fault(environment: ["VAANI_UPSTREAM_DIALECT": "open-ai"]).contains("openai"))
    }

    @Test func `names in the three places are unique and follow from the key`() {
        #expect(Set(Configuration.settings.map(\.key)).count == Configuration.settings.count)
        let setting = Configuration.settings.first { $0.key == "max_message_bytes" }
        #expect(setting?.flag == "max-message-bytes")
        #expect(setting?.environmentName == "VAANI_MAX_MESSAGE_BYTES")
    }

    @Test func `an unknown key in a file is named, with the likely one`() {
        let fault = self.fault(flags: ["--config", "c.json"], files: ["c.json": #"{"max_sesions": 3}"#])
        #expect(fault == "max_sesions: there is no such setting; did you mean max_sessions? (from c.json)")
    }

    @Test func `an unknown variable is named, and those that Kubernetes makes are passed over`() throws {
        #expect(
            self.fault(environment: ["VAANI_LISTN": "x"])
                == "VAANI_LISTN: there is no such setting; did you mean VAANI_LISTEN?")
        _ = try self.read(environment: [
            "VAANI_SERVICE_HOST": "10.0.0.1", "VAANI_PORT": "tcp://10.0.0.1:80", "VAANI_PORT_80_TCP_ADDR": "10.0.0.1",
        ])
    }

    @Test(arguments: [
        ("VAANI_MAX_SESSIONS", "0", "max_sessions: 0 is outside 1 to 1000000 (from VAANI_MAX_SESSIONS)"),
        ("VAANI_MAX_SESSIONS", "many", "max_sessions: \"many\" is no whole number (from VAANI_MAX_SESSIONS)"),
        ("VAANI_DRAIN_TIMEOUT", "2 weeks", "drain_timeout: \"2 weeks\" is no time such as 500ms, 15s or 2m"),
        ("VAANI_MAX_MESSAGE_BYTES", "1TiB", "max_message_bytes: \"1TiB\" is no size such as 64KiB or 8MiB"),
        ("VAANI_MAX_MESSAGE_BYTES", "99999999999GiB", "max_message_bytes: \"99999999999GiB\" is no size"),
        (
            "VAANI_LOG_LEVEL", "inof",
            "log_level: \"inof\" is not one of trace, debug, info, notice, warning, error; did you mean info?"
        ),
        ("VAANI_LISTEN", "8000", "listen: \"8000\" is no address such as 127.0.0.1:8000 or [::1]:8000"),
        ("VAANI_LISTEN", ":8000", "listen: \":8000\" names no host"),
        ("VAANI_LISTEN", "127.0.0.1:99999", "listen: \"127.0.0.1:99999\" is no address"),
        ("VAANI_LISTEN", "", "listen: names no address"),
        ("VAANI_AUTH", "maybe", "auth: \"maybe\" is not one of off, token"),
    ])
    func `a wrong value names its key, the value and what was expected`(name: String, value: String, message: String) {
        #expect(self.fault(environment: [name: value]).hasPrefix(message))
    }

    @Test func `all faults are told at once`() {
        let fault = self.fault(environment: ["VAANI_LOOPS": "-1", "VAANI_MAX_SESSIONS": "0"])
        #expect(fault.contains("loops:") && fault.contains("max_sessions:"))
    }

    @Test(arguments: ["0.0.0.0:8000", "[::]:8000", "192.0.2.1:0", "voice.example:8000", "127.0.0.1:1,10.0.0.1:1"])
    func `an address that others can reach needs authentication, and says so`(listen: String) {
        #expect(
            self.fault(environment: ["VAANI_LISTEN": listen, "VAANI_AUTH": "off"]).contains("is no loopback address"))
    }

    @Test(arguments: ["127.0.0.1:0", "[::1]:8000", "localhost:8000", "127.0.0.1:8000, [::1]:8000"])
    func `loopback addresses need none`(listen: String) throws {
        #expect(try !self.read(environment: ["VAANI_LISTEN": listen]).listen.isEmpty)
    }

    @Test func `half a certificate is no certificate`() {
        #expect(self.fault(environment: ["VAANI_TLS_KEY": "k.pem"]).contains("both or neither"))
    }

    @Test(arguments: [
        #"[]"#, #"{"#, "", #"{"max_sessions": null}"#, #"{"max_sessions": {"a": 1}}"#, #"{"origins": [1]}"#,
    ])
    func `a file that is no flat object is refused`(text: String) {
        #expect(self.fault(flags: ["--config", "c.json"], files: ["c.json": text]).contains("c.json"))
        #expect(self.fault(flags: ["--config", "missing.json"]) == "config: missing.json cannot be read")
    }

    // MARK: The upstream's key

    @Test func `the key comes from a file, a credential or the environment, in that order`() throws {
        let files = ["k": "sk-file\n", "/creds/upstream-key": "sk-credential"]
        let environment = ["OPENAI_API_KEY": "sk-openai", "VAANI_UPSTREAM_KEY": "sk-vaani"]
        #expect(try self.read(environment: ["OPENAI_API_KEY": "sk-openai"]).upstreamKey?.reveal() == "sk-openai")
        #expect(try self.read(environment: environment).upstreamKey?.reveal() == "sk-vaani")
        let credential = environment.merging(["CREDENTIALS_DIRECTORY": "/creds"]) { $1 }
        #expect(try self.read(environment: credential, files: files).upstreamKey?.reveal() == "sk-credential")
        let flags = ["--upstream-key-file", "k"]
        #expect(try self.read(flags: flags, environment: credential, files: files).upstreamKey?.reveal() == "sk-file")
    }

    @Test func `a key file that is not there stops the start`() {
        #expect(self.fault(flags: ["--upstream-key-file", "k"]) == "upstream_key_file: k cannot be read")
        #expect(
            self.fault(flags: ["--upstream-key-file", "k"], files: ["k": " \n"]) == "upstream_key_file: holds nothing")
    }

    @Test func `the printed configuration names each origin and hides the key`() throws {
        let lines = try self.read(environment: ["VAANI_UPSTREAM_KEY": "sk-canary", "VAANI_LOOPS": "3"]).lines
        let text = lines.joined(separator: "\n")
        #expect(!text.contains("sk-canary"))
        #expect(lines.contains { $0.hasPrefix("loops ") && $0.hasSuffix("VAANI_LOOPS") && $0.contains(" 3 ") })
        #expect(lines.contains { $0.hasPrefix("upstream key") && $0.contains("(hidden)") })
    }

    @Test func `tokens need a key, and lift the bound to loopback`() throws {
        let key = TokenKeyFile.newLine(id: "k1")
        #expect(self.fault(flags: ["--auth", "token"]).hasPrefix("token_keys_file: auth is token and there is no key"))
        let flags = ["--auth", "token", "--token-keys-file", "keys", "--listen", "0.0.0.0:8000"]
        let configuration = try self.read(flags: flags, files: ["keys": "# keys\n\n\(key)\n"])
        #expect(configuration.tokenKeys.map(\.id) == ["k1"] && configuration.tokenAuthority != nil)
        #expect(!configuration.lines.joined().contains(key.suffix(20)))
    }

    @Test(arguments: ["", "# nothing", "k1", "k1 c2hvcnQ=", "k1 !!!!", "k1 a b"])
    func `a key file with anything else is refused by line, without its text`(text: String) {
        let fault = self.fault(flags: ["--token-keys-file", "keys"], files: ["keys": text])
        #expect(fault.hasPrefix("token_keys_file: ") && !fault.contains("c2hv"))
    }

    private static let keySet = """
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "e1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
        """

    @Test func `another issuer's public keys are enough to ask for tokens`() throws {
        let flags = [
            "--auth", "token", "--trusted-issuer", "app", "--trusted-audience", "vaani", "--trusted-keys-file", "jwks",
        ]
        let configuration = try self.read(flags: flags, files: ["jwks": Self.keySet])
        #expect(configuration.trusted?.name == "app" && configuration.tokenAuthority != nil)
        #expect(self.fault(flags: Array(flags.dropLast(2))).contains("needed all or none"))
        #expect(self.fault(flags: flags).contains("jwks cannot be read"))
        #expect(self.fault(flags: flags, files: ["jwks": #"{"keys": []}"#]).hasPrefix("trusted_keys_file: "))
        #expect(
            self.fault(flags: flags + ["--token-issuer", "app"], files: ["jwks": Self.keySet]).contains("the same as"))
    }

    @Test func `prices come from their file`() throws {
        let text = #"{"m":{"text_in":1,"audio_in":2,"text_out":3,"audio_out":4.5}}"#
        let configuration = try self.read(flags: ["--prices-file", "prices"], files: ["prices": text])
        #expect(configuration.prices["m"]?.cost(of: TokenUsage([.audioOut: 1_000_000])) == 4.5)
        #expect(configuration.prices["other"] == nil)
        #expect(try self.read().prices == PriceTable())
    }

    @Test(arguments: [
        "", "[]", #"{"m":1}"#, #"{"m":{}}"#, #"{"m":{"text_in":1}}"#, #"{"m":{"text":1}}"#, #"{"m":{"text_in":"1"}}"#,
        #"{"m":{"text_in":1e300,"audio_in":2,"text_out":3,"audio_out":4}}"#, #"{"m":{"text_in":-1}}"#,
    ])
    func `a price file with anything else is refused`(text: String) {
        #expect(
            self.fault(flags: ["--prices-file", "prices"], files: ["prices": text]).hasPrefix("prices_file: "))
    }

    @Test func `no flag takes the key itself`() {
        #expect(!Configuration.flags.contains { ["upstream-key", "provider-key"].contains($0.name) })
    }
}

@Suite struct SettingValueTests {
    @Test(arguments: [("500ms", 500), ("15s", 15_000), ("2m", 120_000), ("1h", 3_600_000), ("2.5", 2_500), ("0", 0)])
    func `times have units, seconds where none is given`(text: String, milliseconds: Int) throws {
        #expect(try Duration.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "nan", "inf", "1e300h", "1 week", "0x"])
    func `other times are refused`(text: String) {
        #expect(throws: InvalidSetting.self) { try Duration.parse(text) }
    }

    @Test(arguments: [("4096", 4_096), ("64KiB", 65_536), ("8 MiB", 8 << 20), ("12B", 12)])
    func `sizes have units, bytes where none is given`(text: String, bytes: Int) throws {
        #expect(try ByteCount.parse(text).count == bytes)
    }
}
