import Foundation
import JSON
import LanguageModels
import Observability
import Personas

/// One job under way. Whatever happens in it is kept before it is told.
actor JobRun {
    private(set) var job: PromptJob
    let feed: JobFeed
    private let tools: PromptJobs.Tools
    private var facts: ScenarioFacts?
    /// The expert's prompt, written once for everybody who needs it.
    private var expert: Task<Result<WrittenPrompt, LanguageModelError>, Never>?
    private var expertPrompt: WrittenPrompt?
    /// The last change on its way to the store: the next waits for it.
    private var lastSave: Task<Void, Never>?
    /// What concerns the whole job.
    private var fault: String?

    init(_ job: PromptJob, _ tools: PromptJobs.Tools) {
        self.job = job
        self.feed = JobFeed(job)
        self.tools = tools
    }

    /// Writes what is not written yet, and ends the job. Cancelled, it leaves the job as it is, to be resumed.
    func run() async {
        let waiting = self.job.items.indices.filter { !self.job.items[$0].isOver }
        await withTaskGroup { group in
            var next = waiting.makeIterator()
            for index in waiting.prefix(self.tools.limits.personasAtOnce) {
                _ = next.next()
                group.addTask { await self.write(index) }
            }
            while await group.next() != nil {
                guard let index = next.next(), self.fault == nil, !Task.isCancelled else { continue }
                group.addTask { await self.write(index) }
            }
        }
        self.expert?.cancel()
        guard !Task.isCancelled else { return }
        let data = await self.finalTemplate()
        let (now, lifetime) = (self.tools.now(), self.tools.limits.lifetime / .seconds(1))
        await self.commit { $0.finish(error: self.fault, templateData: data, at: now, lifetime: lifetime) }
    }

    /// One item, tried again where that may help.
    private func write(_ index: Int) async {
        guard await self.tools.slots.take() else { return }
        await self.attempt(index)
        await self.tools.slots.giveBack()
    }

    private func attempt(_ index: Int) async {
        guard self.fault == nil, !Task.isCancelled else { return }
        for attempt in 1...(1 + self.tools.limits.maxRetries) {
            await self.commit { $0.begin(index) }
            do throws(ItemFailure) {
                let (length, name) = try await self.prompt(index)
                return await self.commit { $0.complete(index, promptLength: length, personaName: name) }
            } catch {
                guard !Task.isCancelled else { return }
                if let fault = error.fault {
                    self.fault = fault
                    return
                }
                guard error.isRetriable, attempt <= self.tools.limits.maxRetries else {
                    return await self.commit { $0.fail(index, error.reason) }
                }
                // Doubled each time: who fails for being busy is left alone for longer.
                let pause = self.tools.limits.retryPause * (1 << (attempt - 1))
                guard (try? await self.tools.clock.sleep(pause)) != nil else { return }
            }
        }
    }

    private func prompt(_ index: Int) async throws(ItemFailure) -> (length: Int, name: String?) {
        let item = self.job.items[index]
        let facts = try await self.template()
        guard item.personaID != PromptJob.templateKey else {
            let prompt = try await self.expertPrompt(facts)
            return (prompt.text.unicodeScalars.count, nil)
        }
        let persona = try await self.persona(item.personaID)
        // The person of the scenario last, whose length is told.
        var written: [(WrittenPrompt, [GenerationMode])] = []
        if item.modes.contains(.learn) { written.append((try await self.expertPrompt(facts), [.learn])) }
        let others = item.modes.filter { $0 != .learn }
        if !others.isEmpty { written.append((try await self.own(persona, facts, item.mode), others)) }
        for (prompt, modes) in written { try await self.keep(prompt, modes, of: persona) }
        return (written.last?.0.text.unicodeScalars.count ?? 0, persona.name)
    }

    private func keep(
        _ prompt: WrittenPrompt, _ modes: [GenerationMode], of persona: GeneratedPersona
    ) async throws(ItemFailure) {
        do throws(StoreError) {
            _ = try await self.tools.store.save(
                prompt, for: modes, of: persona.id, owner: self.job.owner, at: self.tools.now())
        } catch {
            throw error.code == .notFound ? ItemFailure("persona not found") : ItemFailure(error)
        }
    }

    /// Read each time: a template that has gone meanwhile ends the job.
    private func template() async throws(ItemFailure) -> ScenarioFacts {
        do throws(StoreError) {
            return ScenarioFacts(try await self.tools.store.template(self.job.templateID, of: self.job.owner))
        } catch {
            guard error.code == .notFound else { throw ItemFailure(error) }
            throw ItemFailure("template not found", fault: "Template not found")
        }
    }

    private func persona(_ id: String) async throws(ItemFailure) -> GeneratedPersona {
        guard let id = PersonaID(id) else { throw ItemFailure("persona not found") }
        do throws(StoreError) {
            return try await self.tools.store.generatedPersona(id, of: self.job.owner)
        } catch {
            throw error.code == .notFound ? ItemFailure("persona not found") : ItemFailure(error)
        }
    }

    private func own(
        _ persona: GeneratedPersona, _ facts: ScenarioFacts, _ mode: GenerationMode
    ) async throws(ItemFailure) -> WrittenPrompt {
        do throws(LanguageModelError) {
            return try await self.tools.writer.write(persona, facts, mode, payer: self.job.owner)
        } catch {
            throw ItemFailure(error)
        }
    }

    /// The expert knows the template and nobody's persona. A failed attempt is not remembered.
    private func expertPrompt(_ facts: ScenarioFacts) async throws(ItemFailure) -> WrittenPrompt {
        let (writer, owner) = (self.tools.writer, self.job.owner)
        let task =
            self.expert
            ?? Task {
                do throws(LanguageModelError) {
                    return .success(try await writer.write(nil, facts, .learn, payer: owner))
                } catch {
                    return .failure(error)
                }
            }
        self.expert = task
        switch await task.value {
        case .success(let prompt):
            self.expertPrompt = prompt
            return prompt
        case .failure(let error):
            if self.expert == task { self.expert = nil }
            throw ItemFailure(error)
        }
    }

    /// The template as it is now, with the expert's prompt where one was written.
    private func finalTemplate() async -> JSONValue {
        guard self.fault == nil,
            var template = try? await self.tools.store.template(self.job.templateID, of: self.job.owner)
        else { return .null }
        if let prompt = self.expertPrompt {
            template.data["learn_prompt"] = .string(prompt.text)
            template.updatedAt = self.tools.now()
            if (try? await self.tools.store.replace(template, version: template.version)) == nil {
                self.tools.log.warning("learn prompt not kept", [.jobID: .text(self.job.id.rawValue)])
            }
        }
        return .object(template.data)
    }

    /// Changes the job, keeps the change, and then tells it. Changes are kept in the order in which they are made.
    private func commit(_ change: (inout PromptJob) -> Void) async {
        change(&self.job)
        let (job, previous, tools, feed) = (self.job, self.lastSave, self.tools, self.feed)
        let save = Task {
            await previous?.value
            await tools.save(job)
            feed.publish(job)
        }
        self.lastSave = save
        await save.value
    }
}
