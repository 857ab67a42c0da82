import Foundation
import Testing

@testable import Interviews

struct InterviewMachineTests {
    private let now = Timestamp(Date(timeIntervalSince1970: 1_762_740_900))
    private let later = Timestamp(Date(timeIntervalSince1970: 1_762_740_960))
    private let by = LLMProfile(role: "psychotherapist", model: "rules", configured: false)

    private func machine() throws -> InterviewMachine {
        let roles = InterviewRoles(folder: InterviewFolder.repository + "/personas")
        let id = try #require(InterviewID(rawValue: "2025-11-10T02-15-00Z"))
        return InterviewMachine(
            InterviewSession(
                sessionId: id, plan: try roles.plan(), language: "en", trainingConsent: false, at: self.now))
    }

    @Test func `an interview begins with the first question of its plan`() throws {
        var machine = try self.machine()
        let actions = machine.began(at: self.now)
        let question = try #require(machine.session.openQuestion)
        #expect(question.id == "values-1")
        #expect(
            actions == [
                .save, .audit(.started(machine.session)), .save, .audit(.asked(question, machine.session)),
            ])
    }

    @Test func `an answer is kept first and considered then`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        let question = try #require(machine.session.openQuestion)
        let actions = try machine.answered(Said.values, at: self.later)
        #expect(
            actions == [
                .save, .audit(.answered("answer_recorded", question, machine.session)),
                .consider(questionID: "values-1"),
            ])
        #expect(machine.session.openQuestion == nil)
    }

    @Test func `C-18 the same question answered twice has one answer, which is the second`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        _ = try machine.answered(Said.values, at: self.now)
        let coverage = machine.coverage
        _ = try machine.answered(Said.goals, to: "values-1", at: self.later)
        #expect(machine.session.answers.count == 1)
        #expect(machine.session.answers[0].content == Said.goals)
        #expect(machine.session.answers[0].editedAt == self.later)
        #expect(machine.coverage.overall <= coverage.overall + 1)
    }

    @Test func `B-21 the same words to another question do not count twice`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        _ = try machine.answered(Said.values, at: self.now)
        _ = machine.considered(Consideration(by: self.by, tags: [.values]), of: "values-1", at: self.now)
        let before = machine.coverage
        _ = try machine.answered(Said.values, at: self.later)
        #expect(machine.coverage == before)
    }

    @Test func `B-21 every question of the plan is asked before a probe is`() throws {
        var machine = try self.machine()
        machine = InterviewMachine(self.endless(machine.session))
        _ = machine.began(at: self.now)
        for index in 0..<8 {
            let open = try #require(machine.session.openQuestion)
            #expect(open.source == .plan)
            _ = try machine.answered("A short answer, number \(index), said once", at: self.later)
            _ = machine.considered(Consideration(by: self.by, tags: []), of: open.id, at: self.later)
        }
        #expect(Set(machine.session.questions.filter { $0.source == .plan }.map(\.id)).count == 8)
        #expect(machine.session.openQuestion?.source == .followUp)
    }

    private func endless(_ session: InterviewSession) -> InterviewSession {
        var session = session
        session.plan.targetCoverage = 100
        return session
    }

    @Test func `S2-34 what is known rises with each answer, up to the target that ends it`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        var known = [machine.coverage.overall]
        while let open = machine.session.openQuestion {
            let text = Said.all[known.count % 5] + " \(known.count)"
            _ = try machine.answered(text, at: self.later)
            known.append(machine.coverage.overall)
            _ = machine.considered(Consideration(by: self.by, tags: []), of: open.id, at: self.later)
        }
        #expect(known == known.sorted() && known[1] > known[0] && known.count <= 16)
        #expect(machine.isComplete)
        #expect(machine.session.answers.count >= 7)
    }

    @Test func `S2-3 an interview that is over takes no answer`() throws {
        for end in ["completed", "aborted"] {
            var machine = try self.machine()
            _ = machine.began(at: self.now)
            _ = try machine.answered(Said.values, at: self.now)
            _ =
                end == "aborted"
                ? try machine.discarded(at: self.now)
                : try machine.finalized(PersonaDraft(), trainingConsent: nil, at: self.now)
            #expect(machine.session.status.rawValue == end)
            #expect(throws: InterviewError(.conflict, "the interview is \(end)")) {
                _ = try machine.answered(Said.goals, at: self.later)
            }
        }
    }

    @Test func `S2-49 C-17 pausing, resuming and discarding twice is like once, and a pause is no status`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        #expect(try machine.paused(at: self.now).count == 2)
        #expect(machine.session.status == .active && machine.session.pausedAt == self.now)
        #expect(try machine.paused(at: self.later) == [])
        #expect(try machine.resumed(at: self.later).count == 2)
        #expect(try machine.resumed(at: self.later) == [])
        #expect(try machine.discarded(at: self.later).count == 2)
        #expect(try machine.discarded(at: self.later) == [])
    }

    @Test func `S2-6 an answer that nobody thought about is considered when the user comes back`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        _ = try machine.answered(Said.values, at: self.now)
        var again = InterviewMachine(machine.session)
        #expect(try again.resumed(at: self.later) == [.consider(questionID: "values-1")])
    }

    @Test func `a follow-up of the interviewer is asked before the plan goes on, and never twice`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        _ = try machine.answered(Said.values, at: self.now)
        let followUp = FollowUp(prompt: "What would the table say?", category: .values)
        _ = machine.considered(
            Consideration(by: self.by, tags: [], followUp: followUp), of: "values-1", at: self.later)
        #expect(machine.session.openQuestion?.prompt == followUp.prompt)
        _ = try machine.answered("They would say that I am honest.", at: self.later)
        _ = machine.considered(
            Consideration(by: self.by, tags: [], followUp: followUp), of: "follow-up-1", at: self.later)
        #expect(machine.session.openQuestion?.source == .plan)
    }

    @Test func `X-22 a question of the plan that was spoken is the one that is answered next`() throws {
        var machine = try self.machine()
        _ = machine.began(at: self.now)
        let goals = try #require(machine.session.plan.questions.first { $0.id == "goals-1" }).prompt
        _ = try machine.heardQuestion("I see. \(goals)", at: self.later)
        #expect(machine.session.openQuestion?.id == "goals-1")
        _ = try machine.answered("Write.", source: .voice, at: self.later)
        #expect(machine.session.answer(to: "goals-1")?.source == .voice)
        #expect(machine.session.openQuestion?.id == "values-1")
        #expect(try machine.heardQuestion("Thank you for that.", at: self.later) == [])
        _ = try machine.heardQuestion("And who taught you at school?", at: self.later)
        #expect(machine.session.openQuestion?.source == .voice)
        #expect(machine.session.openQuestion?.category == .biography)
    }
}
