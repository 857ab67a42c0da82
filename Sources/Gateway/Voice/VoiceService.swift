import Foundation
import Transport

/// Makes what answers on a voice connection.
public struct VoiceService: Sendable {
    let registry: SessionRegistry
    let endpoint: @Sendable (VoiceRequest, VoiceCaller, EventLoop) -> any WebSocketHandler

    init(
        registry: SessionRegistry,
        endpoint: @escaping @Sendable (VoiceRequest, VoiceCaller, EventLoop) -> any WebSocketHandler
    ) {
        self.registry = registry
        self.endpoint = endpoint
    }
}

/// Who is at the other end of a voice connection.
struct VoiceCaller: Sendable, Equatable {
    let address: ClientAddress
    /// When the token that let it in expires; nil where none was asked for.
    let expiresAt: Date?
}
