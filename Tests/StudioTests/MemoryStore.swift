import Foundation
import Personas
import Synchronization

@testable import Studio

/// A store in memory that can be told to lose a template.
final class MemoryStore: TemplateStore, GeneratedPersonaStore, JobStore, InteractionStore {
    struct State {
        var templates: [RecordID: ScenarioTemplate] = [:]
        var personas: [PersonaID: (GeneratedPersona, String)] = [:]
        var jobs: [RecordID: PromptJob] = [:]
    }

    let state = Mutex(State())

    private func find<Value: Sendable>(_ look: (inout State) -> Value?) throws(StoreError) -> Value {
        guard let value = self.state.withLock({ look(&$0) }) else { throw StoreError(.notFound, "not there") }
        return value
    }

    func template(_ id: RecordID, of owner: String) async throws(StoreError) -> ScenarioTemplate {
        try self.find { $0.templates[id].flatMap { $0.owner == owner ? $0 : nil } }
    }
    func templates(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<ScenarioTemplate> {
        Page(items: [], total: 0, next: nil)
    }
    func create(_ template: ScenarioTemplate, answering: RememberedAnswer?) async throws(StoreError) -> Creation {
        self.state.withLock { $0.templates[template.id] = template }
        return .made
    }
    func replace(_ template: ScenarioTemplate, version: Int?) async throws(StoreError) -> ScenarioTemplate {
        self.state.withLock { $0.templates[template.id] = template }
        return template
    }
    func deleteTemplate(_ id: RecordID, of owner: String) async throws(StoreError) {
        self.state.withLock { $0.templates[id] = nil }
    }

    func generatedPersona(_ id: PersonaID, of owner: String) async throws(StoreError) -> GeneratedPersona {
        try self.find { $0.personas[id].flatMap { $0.1 == owner ? $0.0 : nil } }
    }
    func create(_ personas: [GeneratedPersona], of owner: String, at: Date) async throws(StoreError) {
        self.state.withLock { state in for persona in personas { state.personas[persona.id] = (persona, owner) } }
    }
    func replace(_ persona: GeneratedPersona, of owner: String, at: Date) async throws(StoreError) {
        self.state.withLock { $0.personas[persona.id] = (persona, owner) }
    }
    func save(
        _ prompt: WrittenPrompt, for modes: [GenerationMode], of id: PersonaID, owner: String, at moment: Date
    ) async throws(StoreError) -> GeneratedPersona {
        try self.find { state in
            guard let (found, owner) = state.personas[id] else { return nil }
            var persona = found
            persona.take(prompt, modes: modes, at: moment)
            state.personas[id] = (persona, owner)
            return persona
        }
    }

    func create(_ job: PromptJob) async throws(StoreError) { self.state.withLock { $0.jobs[job.id] = job } }
    func job(_ id: RecordID, of owner: String) async throws(StoreError) -> PromptJob {
        try self.find { $0.jobs[id].flatMap { $0.owner == owner ? $0 : nil } }
    }
    func save(_ job: PromptJob) async throws(StoreError) { self.state.withLock { $0.jobs[job.id] = job } }
    func unfinishedJobs() async throws(StoreError) -> [PromptJob] {
        self.state.withLock { $0.jobs.values.filter { !$0.isOver } }
    }
    func deleteJobs(expiredBy moment: Date) async throws(StoreError) -> Int {
        self.state.withLock { state in
            let gone = state.jobs.values.filter { ($0.expiresAt ?? .distantFuture) <= moment }
            for job in gone { state.jobs[job.id] = nil }
            return gone.count
        }
    }

    func interaction(_ id: RecordID, of owner: String?) async throws(StoreError) -> AvatarInteraction {
        throw StoreError(.notFound, "not there")
    }
    func interactions(of owner: String, _ window: PageWindow) async throws(StoreError) -> Page<AvatarInteraction> {
        Page(items: [], total: 0, next: nil)
    }
    func create(_ item: AvatarInteraction, answering: RememberedAnswer?) async throws(StoreError) -> Creation { .made }
    func replace(_ interaction: AvatarInteraction) async throws(StoreError) {}
    func deleteInteraction(_ id: RecordID, of owner: String) async throws(StoreError) {}
}
