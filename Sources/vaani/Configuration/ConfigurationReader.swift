import Foundation
import Gateway
import JSON
import Sessions
import Transport
import Upstream

/// Reads the configuration: flags over environment over file over defaults.
struct ConfigurationReader {
    /// The flag that names the file, and its environment variable.
    static let fileFlag = Flag("config", "FILE", "Configuration file in JSON; or VAANI_CONFIG.")
    static let printFlag = Flag("print-config", nil, "Print the configuration, each value with its origin, and exit.")

    /// Variables that are read but are no settings.
    private static let otherNames: Set<String> = [
        "VAANI_CONFIG", "VAANI_UPSTREAM_KEY", "VAANI_UPSTREAM_FALLBACK_KEY", "VAANI_ENGINE_KEY",
        "VAANI_TOKEN", "VAANI_PROVIDER_KEY",
    ]

    private let environment: [String: String]
    private let readFile: (String) throws -> [UInt8]

    /// - Parameter readFile: the bytes of a file; throws where there is none or it may not be read.
    init(
        environment: [String: String],
        readFile: @escaping (String) throws -> [UInt8] = { try [UInt8](Data(contentsOf: URL(fileURLWithPath: $0))) }
    ) {
        self.environment = environment
        self.readFile = readFile
    }

    func read(_ arguments: Arguments) throws(ConfigurationError) -> Configuration {
        var configuration = Configuration()
        var faults: [String] = []
        func set(_ setting: Setting, _ text: String, from origin: String) {
            do throws(InvalidSetting) {
                try setting.read(text, &configuration)
                configuration.origin[setting.key] = origin
            } catch {
                faults.append("\(setting.key): \(error.message) (from \(origin))")
            }
        }
        if let file = arguments.value(Self.fileFlag.name) ?? self.environment["VAANI_CONFIG"] {
            for (key, text) in try self.members(of: file) {
                guard let setting = Configuration.settings.first(where: { $0.key == key }) else {
                    let hint = Suggestion.hint(for: key, among: Configuration.settings.map(\.key))
                    faults.append("\(key): there is no such setting\(hint) (from \(file))")
                    continue
                }
                set(setting, text, from: file)
            }
        }
        for setting in Configuration.settings {
            if let text = self.environment[setting.environmentName] {
                set(setting, text, from: setting.environmentName)
            }
        }
        for setting in Configuration.settings {
            if let text = arguments.value(setting.flag) { set(setting, text, from: "--\(setting.flag)") }
        }
        faults += self.unknownNames
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        configuration.upstreamKey = try self.upstreamKey(
            file: ("upstream_key_file", configuration.upstreamKeyFile), credential: "upstream-key",
            variables: ["VAANI_UPSTREAM_KEY", "OPENAI_API_KEY"])
        configuration.upstreamFallbackKey = try self.upstreamKey(
            file: ("upstream_fallback_key_file", configuration.upstreamFallbackKeyFile),
            credential: "upstream-fallback-key", variables: ["VAANI_UPSTREAM_FALLBACK_KEY"])
        configuration.providerKey = try self.upstreamKey(
            file: ("provider_key_file", configuration.providerKeyFile), credential: "provider-key",
            variables: ["VAANI_PROVIDER_KEY", "TAVUS_API_KEY"])
        configuration.tokenKeys = try self.tokenKeys(configuration)
        configuration.trusted = try self.trustedIssuer(configuration)
        configuration.models = try self.models(configuration.modelsFile)
        configuration.prices = try self.prices(configuration.pricesFile)
        try self.checkTogether(configuration)
        return configuration
    }

    // MARK: The file

    /// Keys and their texts, in the order of the alphabet.
    private func members(of file: String) throws(ConfigurationError) -> [(String, String)] {
        guard let bytes = try? self.readFile(file) else {
            throw ConfigurationError(["config: \(file) cannot be read"])
        }
        guard let document = try? JSONValue(parsing: bytes), let object = document.object else {
            throw ConfigurationError(["config: \(file) holds no JSON object"])
        }
        var members: [(String, String)] = []
        for (key, value) in object.sorted(by: { $0.key < $1.key }) {
            guard let text = Self.text(of: value) else {
                throw ConfigurationError(["\(key): takes no such value (from \(file))"])
            }
            members.append((key, text))
        }
        return members
    }

    /// As it would be written in a variable; nil for what no setting takes.
    private static func text(of value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        case .array(let values):
            values.allSatisfy { $0.string != nil } ? values.compactMap(\.string).joined(separator: ",") : nil
        case .object, .null: nil
        }
    }

    // MARK: What belongs together

    private func upstreamKey(
        file: (setting: String, path: String), credential: String, variables: [String]
    ) throws(ConfigurationError) -> Secret? {
        if let text = try self.credential(file.setting, file.path, credential) {
            let key = text.trimming(while: \.isWhitespace)
            guard !key.isEmpty else { throw ConfigurationError(["\(file.setting): holds nothing"]) }
            return Secret(String(key))
        }
        return variables.lazy.compactMap { self.environment[$0] }.first { !$0.isEmpty }.map { Secret($0) }
    }

    private func tokenKeys(_ configuration: Configuration) throws(ConfigurationError) -> [TokenKey] {
        guard let text = try self.credential("token_keys_file", configuration.tokenKeysFile, "token-keys") else {
            return []
        }
        do throws(InvalidSetting) {
            return try TokenKeyFile.parse(text)
        } catch {
            throw ConfigurationError(["token_keys_file: \(error.message)"])
        }
    }

    private func models(_ path: String) throws(ConfigurationError) -> ModelsConfiguration? {
        guard !path.isEmpty else { return nil }
        guard let bytes = try? self.readFile(path) else {
            throw ConfigurationError(["models_file: \(path) cannot be read"])
        }
        do throws(ModelsFileError) {
            return try ModelsFile.read(bytes, environment: self.environment, readFile: self.readFile)
        } catch {
            throw ConfigurationError(error.problems.map { "models_file: \($0) (in \(path))" })
        }
    }

    private func trustedIssuer(_ configuration: Configuration) throws(ConfigurationError) -> TrustedIssuer? {
        let parts = [configuration.trustedIssuer, configuration.trustedAudience, configuration.trustedKeysFile]
        guard parts.contains(where: { !$0.isEmpty }) else { return nil }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw ConfigurationError([
                "trusted_issuer: trusted_issuer, trusted_audience and trusted_keys_file are needed all or none"
            ])
        }
        guard configuration.trustedIssuer != configuration.tokenIssuer else {
            throw ConfigurationError(["trusted_issuer: is the same as token_issuer, so tokens could not be told apart"])
        }
        guard let keys = try? self.readFile(configuration.trustedKeysFile) else {
            throw ConfigurationError(["trusted_keys_file: \(configuration.trustedKeysFile) cannot be read"])
        }
        do throws(TrustedIssuer.InvalidKeys) {
            return try TrustedIssuer(
                name: configuration.trustedIssuer, audience: configuration.trustedAudience, keySet: keys)
        } catch {
            throw ConfigurationError(["trusted_keys_file: \(error.description)"])
        }
    }

    private func prices(_ path: String) throws(ConfigurationError) -> PriceTable {
        guard !path.isEmpty else { return PriceTable() }
        guard let bytes = try? self.readFile(path) else {
            throw ConfigurationError(["prices_file: \(path) cannot be read"])
        }
        do throws(InvalidSetting) {
            return try PriceFile.parse(bytes)
        } catch {
            throw ConfigurationError(["prices_file: \(error.message)"])
        }
    }

    /// The text of a file that a setting names, or of the systemd credential; nil where neither is there.
    private func credential(
        _ key: String, _ path: String, _ name: String
    ) throws(ConfigurationError) -> String? {
        if !path.isEmpty {
            guard let bytes = try? self.readFile(path) else {
                throw ConfigurationError(["\(key): \(path) cannot be read"])
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard let directory = self.environment["CREDENTIALS_DIRECTORY"] else { return nil }
        return (try? self.readFile("\(directory)/\(name)")).map { String(decoding: $0, as: UTF8.self) }
    }

    private func checkTogether(_ configuration: Configuration) throws(ConfigurationError) {
        var faults: [String] = []
        if configuration.listen.isEmpty { faults.append("listen: names no address") }
        if configuration.authentication == .off, let open = configuration.listen.first(where: { !$0.isLoopback }) {
            faults.append(
                "listen: \(open.settingText) is no loopback address, and with auth off anyone who reaches it could use it;"
                    + " ask for tokens with --auth token, or listen on 127.0.0.1")
        }
        if configuration.authentication == .token, configuration.tokenAuthority == nil {
            faults.append("token_keys_file: auth is token and there is no key; vaani token --new-key makes one")
        }
        if configuration.upstreamURL.isEmpty, !configuration.upstreamFallbackURL.isEmpty {
            faults.append("upstream_fallback_url: there is no upstream_url that it could stand in for")
        }
        if configuration.tlsCertificate.isEmpty != configuration.tlsKey.isEmpty {
            faults.append("tls_certificate: tls_certificate and tls_key are needed both or neither")
        }
        if configuration.hangUp <= configuration.pingInterval {
            faults.append(
                "hang_up: \(configuration.hangUp.settingText) leaves no time to answer a ping after"
                    + " \(configuration.pingInterval.settingText) (ping_interval)")
        }
        if configuration.upstreamHangUp <= configuration.upstreamPingInterval {
            faults.append(
                "upstream_hang_up: \(configuration.upstreamHangUp.settingText) leaves no time to answer a ping after"
                    + " \(configuration.upstreamPingInterval.settingText) (upstream_ping_interval)")
        }
        faults += configuration.providerFaults
        if !faults.isEmpty { throw ConfigurationError(faults) }
    }

    /// Faults for variables that look like settings and are none. Kubernetes puts `VAANI_SERVICE_HOST`, `VAANI_PORT` and
    /// the like into every pod beside a service named vaani: those are passed over, and so are `VAANI_KEY_…`, for the keys
    /// that `models_file` names.
    private var unknownNames: [String] {
        let known = Self.otherNames.union(Configuration.settings.map(\.environmentName))
        let unknown = self.environment.keys.filter {
            $0.hasPrefix("VAANI_") && !known.contains($0) && !$0.hasPrefix("VAANI_SERVICE_")
                && !$0.hasPrefix("VAANI_KEY_")
                && $0 != "VAANI_PORT" && !$0.hasPrefix("VAANI_PORT_")
        }
        return unknown.sorted().map { "\($0): there is no such setting\(Suggestion.hint(for: $0, among: known))" }
    }
}

extension Configuration {
    /// Each setting with its value and where it comes from; secrets hidden.
    var lines: [String] {
        var table = TextTable()
        for setting in Self.settings {
            table.add(setting.key, setting.show(self), self.origin[setting.key] ?? "default")
        }
        table.add("upstream key", self.upstreamKey == nil ? "none" : "(hidden)", "")
        table.add("upstream fallback key", self.upstreamFallbackKey == nil ? "none" : "(hidden)", "")
        table.add("provider key", self.providerKey == nil ? "none" : "(hidden)", "")
        return table.lines()
    }
}
