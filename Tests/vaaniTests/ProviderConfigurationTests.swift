import Providers
import Testing

@testable import vaani

@Suite struct ProviderConfigurationTests {
    private struct NoSuchFile: Error {}

    private func read(
        _ environment: [String: String], files: [String: String] = [:]
    ) throws -> Configuration {
        let reader = ConfigurationReader(environment: environment) {
            guard let text = files[$0] else { throw NoSuchFile() }
            return Array(text.utf8)
        }
        return try reader.read(Arguments(parsing: [], flags: Configuration.flags))
    }

    private func fault(_ environment: [String: String]) -> String {
        do {
            _ = try self.read(environment.merging(["VAANI_PROVIDER_KEY": "tvs"]) { $1 })
            return "no fault"
        } catch {
            return "\(error)"
        }
    }

    @Test
    func `S0-54 the provider's key comes from a file, a credential or the environment, and without one there is none`()
        throws
    {
        #expect(try self.read([:]).providerSettings == nil)
        let files = ["k": "tvs-file\n", "/creds/provider-key": "tvs-credential"]
        var environment = ["TAVUS_API_KEY": "tvs-vendor"]
        #expect(try self.read(environment).providerSettings?.key.reveal() == "tvs-vendor")
        environment["VAANI_PROVIDER_KEY"] = "tvs-vaani"
        #expect(try self.read(environment).providerSettings?.key.reveal() == "tvs-vaani")
        environment["CREDENTIALS_DIRECTORY"] = "/creds"
        #expect(try self.read(environment, files: files).providerSettings?.key.reveal() == "tvs-credential")
        environment["VAANI_PROVIDER_KEY_FILE"] = "k"
        #expect(try self.read(environment, files: files).providerSettings?.key.reveal() == "tvs-file")
    }

    @Test func `S0-19 the printed configuration hides the provider's key`() throws {
        let lines = try self.read(["VAANI_PROVIDER_KEY": "tvs-canary"]).lines
        #expect(!lines.joined().contains("tvs-canary"))
        #expect(lines.contains { $0.hasPrefix("provider key") && $0.contains("(hidden)") })
    }

    @Test func `every setting of the provider reaches it`() throws {
        let settings = try #require(
            try self.read([
                "VAANI_PROVIDER_KEY": "tvs", "VAANI_PROVIDER_URL": "https://other.example/api/",
                "VAANI_PROVIDER_PROFILE": "pals", "VAANI_PROVIDER_TIMEOUT": "3s",
                "VAANI_PROVIDER_DEFAULT_REPLICA": "r1", "VAANI_PROVIDER_INVERT_PAUSE": "true",
                "VAANI_PROVIDER_VOICES_PATH": "/v2/voices",
            ]).providerSettings)
        #expect(settings.url == "https://other.example/api" && settings.profile == .pals)
        #expect(settings.timeout == .seconds(3) && settings.defaultReplica == "r1")
        #expect(settings.invertsPauseSensitivity && settings.voicesPath == "/v2/voices")
    }

    @Test func `the key goes unencrypted to this machine alone, unless it is said otherwise`() {
        for url in ["http://127.0.0.1:9000", "http://localhost/api", "http://[::1]:9", "https://tavus.example"] {
            #expect(self.fault(["VAANI_PROVIDER_URL": url]) == "no fault", "\(url)")
        }
        for url in [
            "http://tavus.example", "HTTP://10.0.0.1:80/", "http://[2001:db8::1]:9", "http://localhost.evil.com",
        ] {
            #expect(self.fault(["VAANI_PROVIDER_URL": url]).contains("unencrypted"), "\(url)")
            let allowed = ["VAANI_PROVIDER_URL": url, "VAANI_PROVIDER_UNENCRYPTED_KEY": "true"]
            #expect(self.fault(allowed) == "no fault", "\(url)")
        }
    }

    @Test(arguments: [
        ("VAANI_PROVIDER_URL", "tavus.example"), ("VAANI_PROVIDER_URL", "ftp://tavus.example"),
        ("VAANI_PROVIDER_URL", "https://u:p@tavus.example"), ("VAANI_PROVIDER_URL", "https://tavus.example?key=1"),
        ("VAANI_PROVIDER_PROFILE", "avatars"), ("VAANI_PROVIDER_TIMEOUT", "0"),
        ("VAANI_PROVIDER_VOICES_PATH", "voices"), ("VAANI_PROVIDER_VOICES_PATH", "/v2/voices?x"),
    ]) func `a setting that cannot work stops the start and is named`(name: String, value: String) {
        let key = name.dropFirst("VAANI_".count).lowercased()
        #expect(self.fault([name: value]).contains("\(key): "), "\(self.fault([name: value]))")
    }
}
