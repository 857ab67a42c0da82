import Foundation
import Personas

/// Keeps templates. Every method sees the records of one owner alone.
public protocol TemplateStore: Sendable {
    /// - Throws: `StoreError` `notFound` also for a template of somebody else.
    func template(_ id: RecordID, of owner: String) async throws(StoreError) -> ScenarioTemplate

    /// Newest first.
    func templates(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<ScenarioTemplate>

    func create(_ template: ScenarioTemplate, answering answer: RememberedAnswer?) async throws(StoreError) -> Creation

    /// - Parameter version: which one is replaced; nil for whichever is there.
    /// - Returns: what is kept now.
    /// - Throws: `notFound`, `changed`.
    func replace(_ template: ScenarioTemplate, version: Int?) async throws(StoreError) -> ScenarioTemplate

    /// - Throws: `notFound`.
    func deleteTemplate(_ id: RecordID, of owner: String) async throws(StoreError)
}

/// Keeps the whole documents of generated personas, beside what a voice session reads of them.
public protocol GeneratedPersonaStore: Sendable {
    /// - Throws: `notFound` also for a persona of somebody else.
    func generatedPersona(_ id: PersonaID, of owner: String) async throws(StoreError) -> GeneratedPersona

    /// All of them or none.
    func create(_ personas: [GeneratedPersona], of owner: String, at moment: Date) async throws(StoreError)

    /// Puts another document in the place of a persona's; the next session is told what it says.
    ///
    /// - Throws: `notFound`.
    func replace(_ persona: GeneratedPersona, of owner: String, at moment: Date) async throws(StoreError)

    /// Gives a persona a prompt, and leaves everything else of it as it is by then.
    ///
    /// - Throws: `notFound`.
    func save(
        _ prompt: WrittenPrompt, for modes: [GenerationMode], of id: PersonaID, owner: String, at moment: Date
    ) async throws(StoreError) -> GeneratedPersona
}

/// Keeps jobs with everything that happened in them.
public protocol JobStore: Sendable {
    func create(_ job: PromptJob) async throws(StoreError)

    /// - Throws: `notFound` also for a job of somebody else.
    func job(_ id: RecordID, of owner: String) async throws(StoreError) -> PromptJob

    /// What has changed since it was created or last saved; events that are there stay as they are.
    func save(_ job: PromptJob) async throws(StoreError)

    /// Those that a stop of the program has interrupted, oldest first.
    func unfinishedJobs() async throws(StoreError) -> [PromptJob]

    /// Takes out jobs that are over for long enough, with all their rows.
    ///
    /// - Returns: how many.
    @discardableResult
    func deleteJobs(expiredBy moment: Date) async throws(StoreError) -> Int
}

/// Keeps how a persona appears to learners.
public protocol InteractionStore: Sendable {
    /// - Parameter owner: nil for whoever made it.
    func interaction(_ id: RecordID, of owner: String?) async throws(StoreError) -> AvatarInteraction
    func interactions(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<AvatarInteraction>
    func create(
        _ interaction: AvatarInteraction, answering answer: RememberedAnswer?
    ) async throws(StoreError) -> Creation
    func replace(_ interaction: AvatarInteraction) async throws(StoreError)
    func deleteInteraction(_ id: RecordID, of owner: String) async throws(StoreError)
}

/// Everything that making personas keeps.
public typealias GenerationStore = TemplateStore & GeneratedPersonaStore & JobStore & InteractionStore
