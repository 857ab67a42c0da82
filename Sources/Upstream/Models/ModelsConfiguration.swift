import LanguageModels
import Transport

/// Who answers in text, as `models.json` says: servers, what each is asked for, and what it may cost.
public struct ModelsConfiguration: Sendable, Equatable {
    /// A server with the OpenAI API of chat completions or transcriptions.
    public struct Endpoint: Sendable, Equatable {
        public var name: String
        /// Up to and including `/v1`, without a slash at its end.
        public var url: String
        /// Sent as `Authorization: Bearer`.
        public var key: Secret?

        public init(name: String, url: String, key: Secret? = nil) {
            self.name = name
            self.url = url
            self.key = key
        }
    }

    /// What answers in one role.
    public struct Role: Sendable, Equatable {
        public var endpoint: Endpoint
        public var model: String
        /// 0…2; nil leaves it to the server.
        public var temperature: Double?
        /// Of an answer.
        public var maxTokens: Int
        /// For all attempts together.
        public var timeout: Duration
        /// Tries after the first one.
        public var maxRetries: Int

        public init(
            endpoint: Endpoint, model: String, temperature: Double? = nil, maxTokens: Int = 1_024,
            timeout: Duration = .seconds(60), maxRetries: Int = 2
        ) {
            self.endpoint = endpoint
            self.model = model
            self.temperature = temperature
            self.maxTokens = maxTokens
            self.timeout = timeout
            self.maxRetries = maxRetries
        }
    }

    /// Answers in every role that has no entry of its own; never `transcription`.
    public static let defaultRole = ModelRole(rawValue: "default")

    public var roles: [ModelRole: Role]
    /// Tokens a minute; nil for any number.
    public var tokensPerMinute: Int?
    public var tokensPerMinutePerUser: Int?
    /// PEM file of the authorities to trust instead of the system's.
    public var certificateAuthorityFile: String?
    /// Such as `http://proxy.example:3128`.
    public var proxy: String?

    public init(roles: [ModelRole: Role] = [:]) {
        self.roles = roles
    }

    public func role(_ role: ModelRole) -> Role? {
        self.roles[role] ?? (role == .transcription ? nil : self.roles[Self.defaultRole])
    }
}
