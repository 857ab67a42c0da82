import RealtimeProtocol
import Transport

/// Where a realtime model is, and how to talk to it.
public struct RealtimeEndpoint: Sendable {
    public enum KeyHeader: String, Sendable, CaseIterable {
        /// `Authorization: Bearer`.
        case bearer
        /// `api-key`, as Azure wants it.
        case apiKey = "api-key"
    }

    /// `ws://` or `wss://`, up to and including `/v1/realtime`; may have a query, such as Azure's `api-version`.
    public var url: String
    /// Sent as `?model=`.
    public var model: String
    /// nil sends no credential (a server on this machine).
    public var key: Secret?
    /// How its protocol differs from GA.
    public var dialect: RealtimeDialect
    public var capabilities: RealtimeCapabilities
    /// Which header carries the key.
    public var keyHeader: KeyHeader
    public var connectTimeout: Duration
    /// Bytes queued for the model before sends are refused: two seconds of PCM16 at 24 kHz in base64.
    public var maxQueuedBytes: Int
    /// Largest event taken from the model. Item events that carry audio were seen at 3.4 MB.
    public var maxMessageBytes: Int
    /// A file with certificate authorities to trust instead of the system's.
    public var certificateAuthorityFile: String?
    /// A model that was silent for so long is pinged.
    public var ping: Duration = .seconds(15)
    /// A model that was silent for so long is dead.
    public var hangUp: Duration = .seconds(45)

    public init(
        url: String, model: String, key: Secret? = nil, dialect: RealtimeDialect = .openAI,
        capabilities: RealtimeCapabilities? = nil, keyHeader: KeyHeader = .bearer,
        connectTimeout: Duration = .seconds(3), maxQueuedBytes: Int = 128 << 10, maxMessageBytes: Int = 16 << 20,
        certificateAuthorityFile: String? = nil
    ) {
        self.url = url
        self.model = model
        self.key = key
        self.dialect = dialect
        self.capabilities = capabilities ?? dialect.capabilities
        self.keyHeader = keyHeader
        self.connectTimeout = connectTimeout
        self.maxQueuedBytes = maxQueuedBytes
        self.maxMessageBytes = maxMessageBytes
        self.certificateAuthorityFile = certificateAuthorityFile
    }

    var target: WebSocketTarget {
        get throws(TransportError) {
            // OpenAI answers the old `OpenAI-Beta` header with an error and close 4000: it is never sent.
            var target = try WebSocketTarget(url: self.dialURL, headers: self.credentials)
            target.maxMessageBytes = self.maxMessageBytes
            target.maxQueuedBytes = self.maxQueuedBytes
            target.connectTimeout = self.connectTimeout
            target.certificateAuthorityFile = self.certificateAuthorityFile
            target.ping = self.ping
            target.hangUp = self.hangUp
            return target
        }
    }

    private var credentials: [(String, String)] {
        guard let key = self.key?.reveal() else { return [] }
        return switch self.keyHeader {
        case .bearer: [("Authorization", "Bearer \(key)")]
        case .apiKey: [("api-key", key)]
        }
    }

    /// The URL to dial.
    var dialURL: String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        let model = self.model.utf8.map { allowed.contains($0) ? String(UnicodeScalar($0)) : Self.percentEncoded($0) }
        return "\(self.url)\(self.url.contains("?") ? "&" : "?")model=\(model.joined())"
    }

    private static func percentEncoded(_ byte: UInt8) -> String {
        let hex = String(byte, radix: 16, uppercase: true)
        return hex.count == 1 ? "%0\(hex)" : "%\(hex)"
    }
}
