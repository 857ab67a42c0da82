import Transport

/// Makes what answers on a voice connection.
public struct VoiceService: Sendable {
    let registry: SessionRegistry
    let endpoint: @Sendable (VoiceRequest, ClientAddress, EventLoop) -> any WebSocketHandler

    init(
        registry: SessionRegistry,
        endpoint: @escaping @Sendable (VoiceRequest, ClientAddress, EventLoop) -> any WebSocketHandler
    ) {
        self.registry = registry
        self.endpoint = endpoint
    }
}
