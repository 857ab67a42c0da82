import JSON
import LanguageModels
import Testing
import Transport

@testable import Upstream

@Suite struct ModelsFileTests {
    private struct NoSuchFile: Error {}

    private func read(
        _ text: String, environment: [String: String] = [:], files: [String: String] = [:]
    ) throws(ModelsFileError) -> ModelsConfiguration {
        try ModelsFile.read(Array(text.utf8), environment: environment) {
            guard let text = files[$0] else { throw NoSuchFile() }
            return Array(text.utf8)
        }
    }

    private func problems(_ text: String, environment: [String: String] = [:]) -> [String] {
        do throws(ModelsFileError) {
            _ = try self.read(text, environment: environment)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func `roles, servers, keys and budgets are read`() throws {
        let models = try self.read(
            #"""
            {"endpoints": {
               "openai": {"url": "https://api.openai.com/v1/", "key_env": "OPENAI_API_KEY"},
               "local": {"url": "http://127.0.0.1:8080/v1", "key_file": "key"}},
             "roles": {
               "default": {"endpoint": "openai", "model": "gpt-x"},
               "reply": {"endpoint": "local", "model": "m", "temperature": 0.7, "max_tokens": 300, "timeout_ms": 9000,
                         "max_retries": 0},
               "transcription": {"endpoint": "openai", "model": "whisper-1"}},
             "budget": {"tokens_per_minute": 1000, "tokens_per_minute_per_user": 10},
             "ca_file": "ca.pem", "proxy": "http://proxy:3128"}
            """#, environment: ["OPENAI_API_KEY": "sk-a"], files: ["key": "sk-b\n"])
        let openai = ModelsConfiguration.Endpoint(name: "openai", url: "https://api.openai.com/v1", key: Secret("sk-a"))
        let local = ModelsConfiguration.Endpoint(name: "local", url: "http://127.0.0.1:8080/v1", key: Secret("sk-b"))
        var expected = ModelsConfiguration(roles: [
            ModelsConfiguration.defaultRole: .init(endpoint: openai, model: "gpt-x"),
            .reply: .init(
                endpoint: local, model: "m", temperature: 0.7, maxTokens: 300, timeout: .seconds(9), maxRetries: 0),
            .transcription: .init(endpoint: openai, model: "whisper-1"),
        ])
        expected.tokensPerMinute = 1_000
        expected.tokensPerMinutePerUser = 10
        expected.certificateAuthorityFile = "ca.pem"
        expected.proxy = "http://proxy:3128"
        #expect(models == expected)
        #expect(models.role(ModelRole(rawValue: "judge"))?.model == "gpt-x")
        #expect(!"\(models)".contains("sk-"))
    }

    @Test func `without a role for it nobody transcribes, whatever the default is`() throws {
        let models = try self.read(
            #"{"endpoints": {"a": {"url": "http://a/v1"}}, "roles": {"default": {"endpoint": "a", "model": "m"}}}"#)
        #expect(models.role(.transcription) == nil)
    }

    @Test func `all problems are named at once`() {
        let problems = self.problems(
            #"""
            {"endpoints": {"A b": {"url": "x"}, "a": {"url": "ftp://a", "colour": 1}, "b": {"key_env": "NOWHERE"},
                           "c": {"url": "http://models.example/v1", "key_env": "K"},
                           "d": {"url": "https://d/v1", "key_env": "K", "key_file": "f"}},
             "roles": {"reply": {"endpoint": "z", "model": "", "temperature": 3, "max_tokens": 0, "timeout_ms": "long"},
                       "judge": 7},
             "budget": {"tokens_per_minute": -1, "tokens": 1}, "extra": true}
            """#, environment: ["K": "sk-canary"])
        for place in [
            #"endpoints: "A b""#, "endpoints.a.url: ", "endpoints.a.colour: ", "endpoints.b.url: is missing",
            "endpoints.b.key_env: NOWHERE is not there", "endpoints.c.url: the key would go unencrypted",
            "endpoints.d: key_env and key_file", "roles.reply.model: ", "roles.reply.temperature: ",
            "roles.reply.max_tokens: ", "roles.reply.timeout_ms: ", "roles.judge: an object",
            "budget.tokens_per_minute: ",
            "budget.tokens: there is no such key", "extra: there is no such key",
        ] {
            #expect(problems.contains { $0.hasPrefix(place) }, "\(place) in \(problems)")
        }
        #expect(!problems.joined().contains("sk-canary"))
    }

    @Test func `a role that names nobody is told`() {
        let text =
            #"{"endpoints": {"a": {"url": "http://a/v1"}}, "roles": {"reply": {"endpoint": "b", "model": "m"}}}"#
        #expect(self.problems(text) == [#"roles.reply.endpoint: there is no endpoint "b""#])
    }

    @Test(arguments: ["", "[]", "null", "{", "7", #"{"endpoints": []}"#, #"{"endpoints": {}, "roles": {}}"#])
    func `what is no such file is told`(text: String) {
        #expect(!self.problems(text).isEmpty)
    }

    @Test func `a key may cross the network in the open where that is said`() throws {
        let models = try self.read(
            #"""
            {"endpoints": {"a": {"url": "http://models.svc/v1", "key_env": "K", "allow_unencrypted_key": true}},
             "roles": {"reply": {"endpoint": "a", "model": "m"}}}
            """#, environment: ["K": "k"])
        #expect(models.role(.reply)?.endpoint.key == Secret("k"))
    }
}
