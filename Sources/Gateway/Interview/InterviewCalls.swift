import ClientProtocol
import Foundation
import Interviews
import JSON
import Observability
import Personas
import Sessions
import Synchronization

/// Interviews that are held by voice: makes the interviewer for each user, and writes down what both say.
///
/// What is said is kept after the fact and in order, for each user by itself: no conversation waits for a disk or a model.
public final class InterviewCalls: Sendable {
    /// Who asks.
    public static let interviewer = "psychotherapist"
    // Of one user: more than a conversation says while a model thinks about one answer.
    private static let maxWaiting = 64

    private let service: InterviewService
    private let catalog: @Sendable () -> PersonaCatalog
    private let folder: String
    private let log: Log
    private let queues = Mutex<[String: Queue]>([:])

    private struct Queue {
        var tail: Task<Void, Never>
        var waiting: Int
    }

    /// - Parameter folder: of the personas; its `roles/psychotherapist.json` says how the interviewer speaks.
    public init(
        _ service: InterviewService, folder: String, catalog: @escaping @Sendable () -> PersonaCatalog, log: Log
    ) {
        self.service = service
        self.folder = folder
        self.catalog = catalog
        self.log = log
    }

    /// Whether a persona is made for each user, and is not to be sought elsewhere.
    public static func owns(_ name: String) -> Bool { name == self.interviewer || name == SelfPersona.id }

    // MARK: Who answers

    /// The interviewer with the user's own open question, or the user's own persona; nil for anybody else.
    public func select(
        _ name: String, mode: String?, user: String
    ) async -> Result<CompiledPersona, PersonaRefusal>? {
        guard Self.owns(name) else { return nil }
        do {
            let persona =
                name == SelfPersona.id ? try await SelfPersona.read(self.service, user) : try await self.asking(user)
            guard let persona else {
                return .failure(
                    PersonaRefusal(.personaNotReady, "there is no persona of yours yet: hold an interview and apply it")
                )
            }
            return .success(self.catalog().compile(persona, mode: mode))
        } catch let error as InterviewError where error.code != .unavailable {
            return .failure(PersonaRefusal(.personaUnavailable, error.message))
        } catch {
            return .failure(PersonaRefusal(.internalError, "the interviewer could not be made; try again"))
        }
    }

    /// Goes on with the user's interview, or begins one.
    private func asking(_ user: String) async throws -> Persona? {
        await self.settle(user)
        let path = URL(fileURLWithPath: "\(self.folder)/roles/\(Self.interviewer).json")
        guard let members = (try? JSONValue(parsing: [UInt8](Data(contentsOf: path))))?.object else {
            throw InterviewError(.unusable, "roles/psychotherapist.json is not among the personas")
        }
        var persona = try Persona(members, kind: .role)
        let step = try await self.service.start(user)
        let rest = self.questions(of: step.session)
        guard let first = rest.first else {
            throw InterviewError(.conflict, "every question is answered; finalize the interview")
        }
        // The greeting asks the first.
        persona.questions = Array(rest.dropFirst()) + [Self.farewell(step.session.language)]
        let hello =
            step.session.answers.isEmpty ? persona.greeting ?? "" : "Welcome back. Let us go on where we stopped."
        persona.greeting = hello.isEmpty ? first : "\(hello) \(first)"
        return persona
    }

    /// The open question first, then those of the plan that were not asked.
    private func questions(of session: InterviewSession) -> [String] {
        let asked = Set(session.questions.map(\.id))
        let open = session.questions.filter { session.answer(to: $0.id) == nil }.reversed().map(\.prompt)
        let rest = session.plan.questions.filter { !asked.contains($0.id) }
        return open + rest.map { $0.translations?[session.language] ?? $0.prompt }
    }

    private static func farewell(_ language: String) -> String {
        language == "hi"
            ? "यह आख़िरी सवाल था, धन्यवाद। आपके जवाब रखे गए हैं, और उनका क्या हो, यह आप तय करते हैं।"
            : "That was the last question; thank you. Your answers are kept, and you decide what becomes of them."
    }

    // MARK: What is said

    /// Words of a conversation with the interviewer, as they became final.
    public func heard(_ identity: SessionIdentity, _ persona: String, _ transcript: ClientProtocol.Transcript) {
        guard persona == Self.interviewer else { return }
        let text = transcript.text
        let isUser = transcript.role == .user
        self.enqueue(identity.user) { await self.write(text, isUser: isUser, identity.user) }
    }

    /// The conversation is over: the interview waits.
    public func ended(_ identity: SessionIdentity, _ personas: [String]) {
        guard personas.contains(Self.interviewer) else { return }
        self.enqueue(identity.user) {
            guard let id = try? await self.service.active(identity.user)?.session.sessionId else { return }
            _ = try? await self.service.pause(identity.user, id)
        }
    }

    private func enqueue(_ user: String, _ work: @escaping @Sendable () async -> Void) {
        let isTaken = self.queues.withLock { queues in
            let queue = queues[user]
            guard queue?.waiting ?? 0 < Self.maxWaiting else { return false }
            let before = queue?.tail
            let task = Task {
                await before?.value
                await work()
                self.finished(user)
            }
            queues[user] = Queue(tail: task, waiting: (queue?.waiting ?? 0) + 1)
            return true
        }
        if !isTaken { self.log.warning("interview too slow: what was said is not kept", [.userID: .text(user)]) }
    }

    private func finished(_ user: String) {
        self.queues.withLock { queues in
            queues[user]?.waiting -= 1
            if queues[user]?.waiting == 0 { queues[user] = nil }
        }
    }

    /// Returns once what was said before is kept.
    public func settle(_ user: String) async {
        await self.queues.withLock { $0[user]?.tail }?.value
    }

    /// Returns once everything is kept.
    public func close() async {
        for tail in self.queues.withLock({ $0.values.map(\.tail) }) { await tail.value }
    }

    private func write(_ text: String, isUser: Bool, _ user: String) async {
        do throws(InterviewError) {
            guard let step = try await self.service.active(user) else { return }
            let id = step.session.sessionId
            if isUser {
                guard step.session.openQuestion != nil else { return }
                _ = try await self.service.answer(user, id, text, source: .voice)
            } else {
                _ = try await self.service.heardQuestion(user, id, text)
            }
        } catch {
            self.log.warning(
                "words of an interview not kept", [.userID: .text(user), .errorCode: .text(error.code.rawValue)])
        }
    }
}
