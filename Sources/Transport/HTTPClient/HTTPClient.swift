import Observability
import Synchronization

/// Asks other servers over HTTP/1.1: libcurl on a thread of its own, with connections that are used again.
///
/// A certificate has to fit the host's name, and the environment's proxies, `.netrc` and cookies do not count. What is
/// under way ends with the task that asked for it.
public final class HTTPClient: Sendable {
    private let configuration: HTTPClientConfiguration
    private let thread: HTTPClientThread
    private let metrics: HTTPClientMetrics
    private let census = Census()
    private let lastID = Atomic<UInt64>(0)

    /// How many requests there are. Shared with the thread, which outlives the client by a moment.
    private final class Census: Sendable {
        let count = Atomic<Int>(0)
    }

    /// Starts the thread. It ends with ``shutdown()``, or when nobody holds the client any more.
    ///
    /// - Throws: `event_loop` where libcurl cannot be set up, `invalid_target` for a proxy that is none.
    public convenience init(
        configuration: HTTPClientConfiguration = HTTPClientConfiguration(), log: Log, metrics: MetricsRegistry
    ) throws(TransportError) {
        try self.init(configuration: configuration, log: log, metrics: metrics, resolver: Resolver())
    }

    init(
        configuration: HTTPClientConfiguration, log: Log, metrics: MetricsRegistry, resolver: Resolver
    ) throws(TransportError) {
        let metrics = HTTPClientMetrics(metrics)
        let census = self.census
        self.configuration = configuration
        self.metrics = metrics
        self.thread = try HTTPClientThread(configuration, resolver: resolver) { exchange, error in
            census.count.subtract(1, ordering: .relaxed)
            metrics.active.decrement()
            Self.record(exchange, error, metrics, log)
        }
    }

    deinit { self.thread.signalStop() }

    /// The whole answer, of any status.
    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let stream = try await self.stream(request)
        var body: [UInt8] = []
        for try await bytes in stream { body += bytes }
        return HTTPClientResponse(status: stream.status, headers: stream.headers, body: body)
    }

    /// The head of the answer, and its body as it comes.
    public func stream(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientStream {
        try request.check()
        let deadline = ContinuousClock.now + (request.timeout ?? self.configuration.timeout)
        var (request, url) = (request, try HTTPURL(request.url))
        var followed = 0
        while true {
            let begun = ContinuousClock.now
            let reader = try self.begin(request, url, deadline)
            let head = try await reader.head()
            self.metrics.answered(url.host, after: .now - begun)
            guard request.maxRedirects > 0,
                let next = try Redirect.next(
                    after: request, at: url, status: head.status, location: head.headers["location"])
            else { return HTTPClientStream(head, reader) }
            followed += 1
            guard followed <= request.maxRedirects else { throw Self.tooManyRedirects(url, request.maxRedirects) }
            (request, url) = next
        }
    }

    /// Ends all requests with `cancelled`; later ones fail at once.
    public func shutdown() async {
        await self.thread.stop()
    }

    private func begin(
        _ request: HTTPClientRequest, _ url: HTTPURL, _ deadline: ContinuousClock.Instant
    ) throws(HTTPClientError) -> ExchangeReader {
        guard !Task.isCancelled else { throw .cancelled }
        let count = self.census.count.add(1, ordering: .relaxed).newValue
        guard count <= self.configuration.maxRequests else {
            self.census.count.subtract(1, ordering: .relaxed)
            self.metrics.ended(url.host, outcome: HTTPClientError.Code.busy.rawValue)
            let limit = self.configuration.maxRequests
            throw HTTPClientError(.busy, "\(limit) requests are under way (maxRequests)", isRetriable: true)
        }
        self.metrics.active.increment()
        let exchange = Exchange(
            id: self.lastID.add(1, ordering: .relaxed).newValue, request: request, url: url, deadline: deadline,
            configuration: self.configuration)
        self.thread.start(exchange)
        return ExchangeReader(exchange, self.thread)
    }

    private static func tooManyRedirects(_ url: HTTPURL, _ limit: Int) -> HTTPClientError {
        HTTPClientError(.protocol, "\(url.place): more than \(limit) redirects (maxRedirects)")
    }

    /// Host and outcome; a path may name a person, a query hold a key.
    private static func record(
        _ exchange: Exchange, _ error: HTTPClientError?, _ metrics: HTTPClientMetrics, _ log: Log
    ) {
        let outcome = error?.code.rawValue ?? "\((exchange.status ?? 0) / 100)xx"
        metrics.ended(exchange.url.host, outcome: outcome)
        log.debug(
            "http request ended",
            [
                .remoteAddress: .text(exchange.url.place), .httpMethod: .text(exchange.request.method),
                .httpStatus: .integer(exchange.status ?? 0), .errorCode: .text(error?.code.rawValue ?? ""),
            ])
    }
}
