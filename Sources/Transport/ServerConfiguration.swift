/// How a server listens and what it allows.
public struct ServerConfiguration: Sendable {
    /// Certificate chain and private key, PEM files.
    public struct TLS: Sendable {
        public var certificateFile: String
        public var keyFile: String

        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Numeric addresses or names, and ports; port 0 lets the kernel choose one for all loops.
    public var listen: [(host: String, port: Int)]
    /// Encrypts every listener of this server when set.
    public var tls: TLS?
    /// A longer message closes its socket with 1009 before it is read.
    public var maxMessageBytes = 4 << 20
    /// More fragments in one message close the socket with 1008: a million empty ones cost 0.2 s of a core.
    public var maxFragments = 1_024
    /// Bytes that may wait for a peer that does not read; what is more is dropped and said so.
    public var maxQueuedBytes = 256 << 10
    /// Beyond it a connection gets 503 with `Retry-After`.
    public var maxConnections = 10_000
    /// Descriptors kept free for everything that is no connection of a user.
    public var spareDescriptors = 64
    /// From accept to the end of the request's head, TLS included.
    public var handshakeTimeout: Duration = .seconds(5)
    /// From the end of the head to the end of the body.
    public var bodyTimeout: Duration = .seconds(10)
    /// For a client that does not take its answer: without progress for so long it is dropped.
    public var writeTimeout: Duration = .seconds(10)
    /// A peer that was silent for so long is pinged.
    public var ping: Duration = .seconds(15)
    /// A peer that was silent for so long is dead.
    public var hangUp: Duration = .seconds(45)
    /// For the peer's half of the closing handshake.
    public var closeTimeout: Duration = .seconds(5)
    /// `SO_SNDBUF`: the default lets one stalled peer hide a minute of audio in the kernel, this about three seconds.
    public var kernelSendBufferBytes = 32 << 10
    /// Request line and headers; beyond it 431.
    public var maxHeadBytes = 16 << 10
    /// Seconds that a refused client is told to wait.
    public var retryAfterSeconds = 2

    public init(listen: [(host: String, port: Int)]) {
        self.listen = listen
    }
}

/// Where a server listens: the port is the real one.
public struct ListeningAddress: Sendable, Equatable {
    public let host: String
    public let port: Int
}
