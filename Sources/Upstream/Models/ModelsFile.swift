import JSON
import LanguageModels
import Transport

/// Everything that is wrong with a `models.json`, each with its place.
public struct ModelsFileError: Error, Sendable, Equatable {
    public let problems: [String]
}

/// Reads `models.json` (docs/schema/models.schema.json).
public struct ModelsFile {
    private static let maxNames = 32
    private let environment: [String: String]
    private let readFile: (String) throws -> [UInt8]
    private var problems: [String] = []

    /// - Parameters:
    ///   - environment: where `key_env` is looked up.
    ///   - readFile: the bytes of a `key_file`.
    public static func read(
        _ bytes: [UInt8], environment: [String: String], readFile: (String) throws -> [UInt8]
    ) throws(ModelsFileError) -> ModelsConfiguration {
        try withoutActuallyEscaping(readFile) { readFile throws(ModelsFileError) in
            var file = ModelsFile(environment: environment, readFile: readFile)
            let models = file.models(bytes)
            guard file.problems.isEmpty else { throw ModelsFileError(problems: file.problems) }
            return models
        }
    }

    private init(environment: [String: String], readFile: @escaping (String) throws -> [UInt8]) {
        self.environment = environment
        self.readFile = readFile
    }

    private mutating func models(_ bytes: [UInt8]) -> ModelsConfiguration {
        var models = ModelsConfiguration()
        guard let document = try? JSONValue(parsing: bytes), document.object != nil else {
            self.problems.append("the file holds no JSON object")
            return models
        }
        var fields = ModelFields(document, at: "")
        let endpoints = self.named("endpoints", in: &fields) { file, value, path in
            file.endpoint(value, path)
        }
        let roles = self.named("roles", in: &fields) { file, value, path in
            file.role(value, path, endpoints)
        }
        for (name, role) in roles { models.roles[ModelRole(rawValue: name)] = role }
        if var budget = fields.object("budget") {
            models.tokensPerMinute = budget.integer("tokens_per_minute", 1...1_000_000_000)
            models.tokensPerMinutePerUser = budget.integer("tokens_per_minute_per_user", 1...1_000_000_000)
            self.problems += budget.finish()
        }
        models.certificateAuthorityFile = fields.string("ca_file")
        models.proxy = fields.string("proxy")
        if let proxy = models.proxy { self.check(url: proxy, "proxy") }
        _ = fields.string("$schema")
        self.problems += fields.finish()
        return models
    }

    /// The members of an object whose keys are names.
    private mutating func named<Value>(
        _ key: String, in fields: inout ModelFields, _ read: (inout ModelsFile, JSONValue, String) -> Value?
    ) -> [String: Value] {
        guard let members = fields.required(key)?.object else {
            self.problems.append("\(key): an object is needed")
            return [:]
        }
        if members.isEmpty { self.problems.append("\(key): names nothing") }
        if members.count > Self.maxNames { self.problems.append("\(key): more than \(Self.maxNames) names") }
        var values: [String: Value] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard Self.isName(name) else {
                self.problems.append("\(key): \"\(name.prefix(40))\" is no name of small letters, digits and _")
                continue
            }
            values[name] = read(&self, value, "\(key).\(name)")
        }
        return values
    }

    private static func isName(_ name: String) -> Bool {
        (1...32).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    private mutating func endpoint(_ value: JSONValue, _ path: String) -> ModelsConfiguration.Endpoint? {
        var fields = ModelFields(value, at: path)
        let url = fields.requiredString("url")
        let key = self.key(&fields, path)
        let isOpenKeyAllowed = fields.bool("allow_unencrypted_key") ?? false
        self.problems += fields.finish()
        guard let url, self.check(url: url, "\(path).url") else { return nil }
        if key != nil, url.hasPrefix("http:"), !isOpenKeyAllowed, !Self.isLoopback(url) {
            self.problems.append(
                "\(path).url: the key would go unencrypted over the network; use https, or set allow_unencrypted_key")
        }
        let name = String(path.split(separator: ".").last ?? "")
        return ModelsConfiguration.Endpoint(
            name: name, url: url.hasSuffix("/") ? String(url.dropLast()) : url, key: key)
    }

    @discardableResult
    private mutating func check(url: String, _ path: String) -> Bool {
        guard let fault = HTTPClientRequest(url).urlFault else { return true }
        self.problems.append("\(path): \(fault)")
        return false
    }

    private static func isLoopback(_ url: String) -> Bool {
        let host = url.dropFirst("http://".count)
        return ["127.", "localhost:", "localhost/", "[::1]"].contains { host.hasPrefix($0) } || host == "localhost"
    }

    private mutating func key(_ fields: inout ModelFields, _ path: String) -> Secret? {
        let variable = fields.string("key_env")
        let file = fields.string("key_file")
        if variable != nil, file != nil {
            self.problems.append("\(path): key_env and key_file are two places for one key")
            return nil
        }
        if let variable { return self.secret(self.environment[variable], "\(path).key_env: \(variable)") }
        guard let file else { return nil }
        let text = (try? self.readFile(file)).map { String(decoding: $0, as: UTF8.self) }
        return self.secret(text, "\(path).key_file: \(file)")
    }

    private mutating func secret(_ text: String?, _ place: String) -> Secret? {
        let key = text?.split(whereSeparator: \.isWhitespace) ?? []
        guard key.count == 1 else {
            self.problems.append("\(place) \(text == nil ? "is not there" : "holds no key")")
            return nil
        }
        return Secret(String(key[0]))
    }

    private mutating func role(
        _ value: JSONValue, _ path: String, _ endpoints: [String: ModelsConfiguration.Endpoint]
    ) -> ModelsConfiguration.Role? {
        var fields = ModelFields(value, at: path)
        let name = fields.requiredString("endpoint")
        let model = fields.requiredString("model")
        let temperature = fields.number("temperature", 0...2)
        let maxTokens = fields.integer("max_tokens", 1...1_000_000) ?? 1_024
        let timeout = fields.integer("timeout_ms", 100...600_000) ?? 60_000
        let maxRetries = fields.integer("max_retries", 0...5) ?? 2
        self.problems += fields.finish()
        guard let name, let model else { return nil }
        guard let endpoint = endpoints[name] else {
            // An endpoint that is there and faulty has had its say.
            if !self.problems.contains(where: { $0.hasPrefix("endpoints.\(name).") }) {
                self.problems.append("\(path).endpoint: there is no endpoint \"\(name.prefix(40))\"")
            }
            return nil
        }
        return ModelsConfiguration.Role(
            endpoint: endpoint, model: model, temperature: temperature, maxTokens: maxTokens,
            timeout: .milliseconds(timeout), maxRetries: maxRetries)
    }
}

extension HTTPClientRequest {
    /// What is wrong with the URL; nil for nothing.
    var urlFault: String? {
        do throws(HTTPClientError) {
            try self.checkURL()
            return nil
        } catch {
            return error.message
        }
    }
}
