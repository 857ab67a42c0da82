import Providers
import Transport

extension Configuration {
    /// What is wrong with the settings of the provider, where there is a key for one.
    var providerFaults: [String] {
        guard let key = self.providerKey else { return [] }
        var faults: [String] = []
        if !key.reveal().utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            faults.append("provider_key_file: the key has characters that no header takes")
        }
        do throws(HTTPClientError) {
            try HTTPClientRequest(self.providerURL).checkURL()
        } catch {
            faults.append("provider_url: \(error.message)")
        }
        if self.providerURL.contains(where: { "?#".contains($0) }) {
            faults.append("provider_url: has a query or a fragment, after which no path can follow")
        }
        if self.sendsProviderKeyOpenly, !self.providerUnencryptedKey {
            faults.append(
                "provider_url: the key would go unencrypted over the network; use https, or set provider_unencrypted_key"
            )
        }
        if !self.providerVoicesPath.isEmpty, !self.isProviderPath(self.providerVoicesPath) {
            faults.append("provider_voices_path: is no path such as /v2/voices")
        }
        return faults
    }

    private var sendsProviderKeyOpenly: Bool {
        guard self.providerURL.lowercased().hasPrefix("http://") else { return false }
        let authority = self.providerURL.dropFirst("http://".count).prefix { $0 != "/" }
        let host =
            authority.hasPrefix("[") ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return !ListenAddress(host: String(host), port: 0).isLoopback
    }

    private func isProviderPath(_ text: String) -> Bool {
        text.hasPrefix("/") && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !text.contains { "?#".contains($0) }
    }

    /// Where the provider is and how to talk to it; nil without a key.
    var providerSettings: ProviderSettings? {
        guard let key = self.providerKey else { return nil }
        var settings = ProviderSettings(url: self.providerURL, key: key)
        settings.profile = ProviderProfile(named: self.providerProfile) ?? .personas
        settings.timeout = self.providerTimeout
        settings.defaultReplica = self.providerDefaultReplica.isEmpty ? nil : self.providerDefaultReplica
        settings.invertsPauseSensitivity = self.providerInvertPause
        settings.voicesPath = self.providerVoicesPath.isEmpty ? nil : self.providerVoicesPath
        return settings
    }
}
