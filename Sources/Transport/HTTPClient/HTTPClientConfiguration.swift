/// What all requests of a client have in common; a request may ask for other times and sizes.
public struct HTTPClientConfiguration: Sendable {
    /// Name, TCP and TLS.
    public var connectTimeout: Duration = .seconds(5)
    /// From the call to the last byte, the wait for a free connection and all redirects included.
    public var timeout: Duration = .seconds(60)
    /// An answer of which fewer than `minBytesPerSecond` come for this long is given up; whole seconds count.
    public var slowTimeout: Duration = .seconds(30)
    public var minBytesPerSecond = 1
    /// Bytes of a body, after decompression. A few kilobytes of gzip may become gigabytes.
    public var maxResponseBytes = 8 << 20
    /// Bytes of header fields, those of interim answers included: libcurl 7.88 takes any number.
    public var maxHeadBytes = 64 << 10
    /// Bytes of a body that wait for a slow reader before the peer has to.
    public var maxBufferedBytes = 64 << 10
    /// Requests to one host at one time; more wait for their turn.
    public var maxConcurrentPerHost = 8
    /// Requests under way or waiting, over all hosts; more are refused with `busy`.
    public var maxRequests = 256
    /// PEM file of the authorities to trust instead of the system's.
    public var certificateAuthorityFile: String?
    /// Such as `http://proxy.example:3128`. The environment's proxy variables never count.
    public var proxy: String?
    public var userAgent = "vaani"

    public init() {}
}
