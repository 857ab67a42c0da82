import Foundation
import Observability
import Personas
import Studio

/// What those who keep personas need of a provider: orders to keep along with them.
public struct PersonaOrders: Sendable {
    /// Of creations, not of attempts: what is retried was counted once.
    private static let scope = "provider_personas"
    private static let window = 3_600

    public let provider: any PersonaProvider
    public let sync: ProviderSync
    private let quota: Quota?
    private let log: Log

    /// - Parameter perHour: how many one owner may have made in an hour; 0 for any number.
    public init(_ provider: any PersonaProvider, sync: ProviderSync, perHour: Int, log: Log = .disabled) {
        self.provider = provider
        self.sync = sync
        self.quota = perHour > 0 ? Quota(Self.scope, limit: perHour, window: Self.window) : nil
        self.log = log
    }

    /// Has a persona made as it is, or changed to what it is. Asks nobody.
    ///
    /// - Parameters:
    ///   - isForNew: whether one that exists here alone is made; else only one that is there is changed.
    ///   - truncates: shortens a prompt that is too long for the provider, instead of refusing it.
    /// - Returns: the order, and what of the persona the provider has no place for.
    /// - Throws: `promptTooLong`, `replicaRequired`.
    public func order(
        for persona: PersonaRecord, at now: Date, isForNew: Bool = true, truncates: Bool = false
    ) throws(ProviderError) -> (order: ProviderOrder, warnings: [String]) {
        let marker = ProviderJob.marker(for: persona.id)
        let payload = try self.provider.payload(for: persona.config, marker: marker, truncates: truncates)
        let job = ProviderJob(
            personaID: persona.id, owner: persona.owner, provider: self.provider.name, payload: payload.body,
            marker: marker, state: SyncState(queuedAt: now), dueAt: now)
        return (ProviderOrder(job, quota: self.quota, isForNew: isForNew), payload.warnings)
    }

    /// An order was kept, in the request of that id: what comes of it is logged under the persona's.
    public func placed(_ id: PersonaID, inRequest request: String) async {
        self.log.info(
            "persona ordered at the provider",
            [.jobID: .text(id.rawValue), .personaID: .text(id.rawValue), .requestID: .text(request)])
        await self.sync.wake()
    }
}
