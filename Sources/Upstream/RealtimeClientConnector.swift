import Observability
import RealtimeProtocol
import Transport

/// Opens connections to one realtime endpoint.
public struct RealtimeClientConnector: RealtimeConnector {
    private let endpoint: RealtimeEndpoint
    private let target: WebSocketTarget
    private let log: Log
    private let metrics: UpstreamMetrics

    /// - Throws: `TransportError` if the endpoint's URL is none that can be dialled.
    public init(endpoint: RealtimeEndpoint, log: Log, metrics: MetricsRegistry) throws(TransportError) {
        // OpenAI answers the old `OpenAI-Beta` header with an error and close 4000: it is never sent.
        let headers = endpoint.key.map { [("Authorization", "Bearer \($0.reveal())")] } ?? []
        var target = try WebSocketTarget(url: endpoint.dialURL, headers: headers)
        target.maxMessageBytes = endpoint.maxMessageBytes
        target.maxQueuedBytes = endpoint.maxQueuedBytes
        target.connectTimeout = endpoint.connectTimeout
        target.certificateAuthorityFile = endpoint.certificateAuthorityFile
        self.endpoint = endpoint
        self.target = target
        self.log = log
        self.metrics = UpstreamMetrics(metrics)
    }

    public func connect(
        on executor: any SerialExecutor, handler: @escaping @Sendable (RealtimeConnectionEvent) -> Void
    ) -> any RealtimeConnection {
        guard let loop = executor as? EventLoop else {
            preconditionFailure("a session that talks to a realtime endpoint lives on an EventLoop")
        }
        return RealtimeClient(
            endpoint: self.endpoint, target: self.target, loop: loop, log: self.log, metrics: self.metrics,
            handler: handler)
    }
}
