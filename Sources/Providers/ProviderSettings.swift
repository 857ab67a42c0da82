import Transport

/// Where a provider is, and how to talk to it.
public struct ProviderSettings: Sendable {
    /// Its base, up to the paths of the profile, without a slash at its end.
    public var url: String
    /// Sent as `x-api-key`, and nowhere else.
    public var key: Secret
    public var profile = ProviderProfile.personas
    /// For one call, all pages of a list included. Apps give up after 10 s.
    public var timeout: Duration = .seconds(8)
    /// Of personas that name none; nil for none.
    public var defaultReplica: String?
    /// Whether a high sensitivity for pauses becomes a low patience: the provider's pages do not say that the words have
    /// kept their sense.
    public var invertsPauseSensitivity = false
    /// Where voices are cloned; nil where they are not: no profile has a documented place for it.
    public var voicesPath: String?

    public init(url: String, key: Secret) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
    }
}
