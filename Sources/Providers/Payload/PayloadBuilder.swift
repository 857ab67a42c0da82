import JSON
import Studio

/// Says in a provider's words what an author said in ours. Asks nobody, so that it can be shown before it is sent.
struct PayloadBuilder {
    /// Scalars of a prompt; an author's own never has more, a generated one may.
    static let maxPrompt = PersonaInput.maxPrompt

    let profile: ProviderProfile
    var defaultReplica: String?
    var invertsPauseSensitivity = false

    /// - Throws: `promptTooLong`, `replicaRequired`.
    func payload(
        for config: PersonaConfig, marker: String, truncates: Bool
    ) throws(ProviderError) -> ProviderPayload {
        var warnings: [String] = []
        let prompt = try self.prompt(of: config, truncates, &warnings)
        var translation = LayerTranslation(config.layers, invertsPauseSensitivity: self.invertsPauseSensitivity)
        translation.run()
        var body: [String: JSONValue] = ["pipeline_mode": .string(config.pipeline.rawValue)]
        // Where a model reads a prompt, the marker is at its end; who only echoes has none, and carries it in the name.
        body["system_prompt"] = prompt.map { .string("\($0)\n\n[\(marker): a note for programs, never to be said]") }
        let name = prompt == nil ? [config.name, "[\(marker)]"].compactMap(\.self).joined(separator: " ") : config.name
        body[self.profile.personaName] = name.map { .string($0) }
        body[self.profile.defaultReplica] = try self.replica(of: config).map { .string($0) }
        body["document_ids"] = Self.list(config.documentIDs)
        body["document_tags"] = Self.list(config.documentTags)
        if !translation.layers.isEmpty { body["layers"] = .object(translation.layers.mapValues { .object($0) }) }
        return ProviderPayload(
            body: .object(body), warnings: warnings + Self.unsent(config) + translation.warnings.sorted())
    }

    private static func list(_ texts: [String]) -> JSONValue? {
        texts.isEmpty ? nil : .array(texts.map { .string($0) })
    }

    private func replica(of config: PersonaConfig) throws(ProviderError) -> String? {
        let replica = config.defaultReplicaID ?? self.defaultReplica
        guard replica != nil || !self.profile.requiresReplica else {
            throw ProviderError(
                .replicaRequired, "the provider makes no persona without a replica", disposition: .never,
                field: "defaultReplicaId")
        }
        return replica
    }

    /// The author's prompt, and what the persona knows; nil for one that has nothing to say.
    private func prompt(
        of config: PersonaConfig, _ truncates: Bool, _ warnings: inout [String]
    ) throws(ProviderError) -> String? {
        var parts: [String] = []
        let standard = config.pipeline == .full ? PersonaConfig.standard.systemPrompt : nil
        if let own = config.systemPrompt.flatMap({ $0.isEmptyToReaders ? nil : $0 }) ?? standard {
            parts.append(try self.fitting(own, truncates, &warnings))
        }
        if let context = config.context, !context.isEmptyToReaders {
            parts.append("## What you know\n\(context)")
            warnings.append("context: the provider has no field for it; it is sent at the end of system_prompt")
        }
        return parts.isEmpty ? nil : parts.joined(separator: "\n\n")
    }

    private func fitting(
        _ prompt: String, _ truncates: Bool, _ warnings: inout [String]
    ) throws(ProviderError) -> String {
        let count = prompt.unicodeScalars.count
        guard count > Self.maxPrompt else { return prompt }
        guard truncates else {
            throw ProviderError(
                .promptTooLong,
                "has \(count) characters, and \(Self.maxPrompt) is the most that a provider is sent; ask for truncate to shorten it",
                disposition: .never, field: "systemPrompt")
        }
        warnings.append("systemPrompt: shortened from \(count) to \(Self.maxPrompt) characters")
        return String(String.UnicodeScalarView(prompt.unicodeScalars.prefix(Self.maxPrompt)))
    }

    /// What belongs to a voice call, or to a conversation of the provider's, and not to its persona.
    private static func unsent(_ config: PersonaConfig) -> [String] {
        var warnings: [String] = []
        if config.greeting != nil { warnings.append("greeting: the provider's personas have none; voice calls say it") }
        if config.language != nil { warnings.append("language: the provider's personas have none; voice calls use it") }
        return warnings
    }
}

extension String {
    fileprivate var isEmptyToReaders: Bool { self.allSatisfy(\.isWhitespace) }
}
