import Foundation
import Observability
import Sessions
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

    /// Voice sessions over the services that they share.
    public init(_ services: SessionServices, configuration: GatewayConfiguration) {
        let limits = SessionTable<ConnectionID>.Limits(
            sessions: configuration.maxSessions, sessionsPerUser: configuration.maxSessionsPerUser)
        let registry = SessionRegistry(limits: limits)
        self.init(registry: registry) { request, caller, loop in
            VoiceEndpoint(
                request: request, caller: caller, loop: loop, services: services, registry: registry,
                maxMessagesPerSecond: configuration.maxMessagesPerSecond)
        }
    }
}

/// Who is at the other end of a voice connection.
struct VoiceCaller: Sendable, Equatable {
    let address: ClientAddress
    /// When the token that let it in expires; nil where none was asked for.
    let expiresAt: Date?
}
