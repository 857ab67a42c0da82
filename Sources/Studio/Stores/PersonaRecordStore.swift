import Foundation
import Personas

/// Keeps the personas that users made, those of scenarios and those that stand alone.
public protocol PersonaRecordStore: Sendable {
    /// - Parameter owner: nil for whoever made it.
    /// - Throws: `StoreError` `notFound` also for a persona of somebody else.
    func persona(_ id: PersonaID, of owner: String?) async throws(StoreError) -> StoredPersona

    /// The persona that a scenario is practised with.
    func persona(ofScenario id: RecordID, of owner: String?) async throws(StoreError) -> StoredPersona

    /// Those that stand alone, newest first.
    func personas(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<PersonaRecord>

    /// Keeps a persona that stands alone, and what a provider has to do for it, both or neither.
    ///
    /// - Throws: `keyReused`, `exists`, `overQuota`.
    func create(
        _ persona: PersonaRecord, queueing order: ProviderOrder?, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation

    /// Puts another configuration in the place of a persona's.
    ///
    /// - Parameters:
    ///   - order: what a provider is to have from now on; nil leaves what it has.
    ///   - version: which one is replaced; nil for whichever is there.
    /// - Throws: `notFound`, `changed`, `overQuota`.
    func replaceConfig(
        of persona: PersonaRecord, queueing order: ProviderOrder?, version: Int?, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation

    /// Takes out a persona that stands alone; the provider is told as for a scenario's.
    ///
    /// - Throws: `notFound`.
    func deletePersona(_ id: PersonaID, of owner: String) async throws(StoreError)
}

/// A persona together with the scenario that it belongs to.
public struct StoredPersona: Sendable, Equatable {
    public var record: PersonaRecord
    public var scenario: ScenarioDetails?
    public var scenarioID: RecordID?

    public init(record: PersonaRecord, scenario: ScenarioDetails? = nil, scenarioID: RecordID? = nil) {
        self.record = record
        self.scenario = scenario
        self.scenarioID = scenarioID
    }
}
