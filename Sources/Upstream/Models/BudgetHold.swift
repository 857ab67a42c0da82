import LanguageModels
import Synchronization

/// Tokens set aside for one call. They are settled once: with what the call cost, or, if it was dropped, with what it is
/// known to have written.
final class BudgetHold: Sendable {
    private let budget: (any TokenBudget)?
    private let reserved: Int
    private let payer: String?
    private let spent: Mutex<Int?>

    init(
        _ budget: (any TokenBudget)?, _ request: ChatRequest, _ role: ModelsConfiguration.Role
    ) throws(LanguageModelError) {
        self.budget = budget
        self.reserved = request.promptTokens + request.limit(role)
        self.payer = request.payer
        self.spent = Mutex(0)
        do throws(LanguageModelError) {
            try budget?.reserve(self.reserved, for: self.payer)
        } catch {
            self.spent.withLock { $0 = nil }
            throw error
        }
    }

    deinit { self.settle(self.spent.withLock { $0 } ?? 0) }

    /// What the call has cost so far.
    func spent(_ tokens: Int) {
        self.spent.withLock { if $0 != nil { $0 = tokens } }
    }

    func settle(_ tokens: Int) {
        let isFirst = self.spent.withLock { spent in
            defer { spent = nil }
            return spent != nil
        }
        if isFirst { self.budget?.settle(reserved: self.reserved, used: tokens, for: self.payer) }
    }
}
