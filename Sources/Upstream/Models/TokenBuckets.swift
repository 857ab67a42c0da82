import LanguageModels
import Synchronization

/// A budget of tokens a minute, for all and for each payer, with a minute's worth to spend at once.
public final class TokenBuckets: TokenBudget {
    private let ledger: Mutex<TokenLedger>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let start: ContinuousClock.Instant

    /// - Parameters:
    ///   - perMinute: for all together; nil for any number.
    ///   - perPayer: for each.
    public init(perMinute: Int?, perPayer: Int?, clock: ModelClock = .system) {
        self.ledger = Mutex(TokenLedger(perMinute: perMinute, perPayer: perPayer))
        self.now = clock.now
        self.start = clock.now()
    }

    private var seconds: Double { (self.now() - self.start) / .seconds(1) }

    public func reserve(_ tokens: Int, for payer: String?) throws(LanguageModelError) {
        let seconds = self.seconds
        switch self.ledger.withLock({ $0.reserve(tokens, for: payer, at: seconds) }) {
        case .granted: return
        case .never(let limit):
            throw LanguageModelError(.overBudget, "a call of \(tokens) tokens exceeds the budget of \(limit) a minute")
        case .later(let wait, let limit):
            throw LanguageModelError(
                .overBudget, "the budget of \(limit) tokens a minute is used up", isRetriable: true,
                retryAfter: .milliseconds(Int(wait * 1_000) + 1))
        }
    }

    public func settle(reserved: Int, used: Int, for payer: String?) {
        let seconds = self.seconds
        self.ledger.withLock { $0.giveBack(reserved - used, for: payer, at: seconds) }
    }
}

/// The accounts behind a budget.
struct TokenLedger: Sendable, Equatable {
    enum Verdict: Sendable, Equatable {
        case granted
        case later(seconds: Double, limit: Int)
        case never(limit: Int)
    }

    struct Account: Sendable, Equatable {
        var tokens: Double
        var asOf: Double
    }

    // A payer whose account is full again is forgotten; beyond so many that are not, newcomers share one account.
    private static let maxPayers = 10_000
    private static let others = ""
    private let perMinute: Int?
    private let perPayer: Int?
    private var all: Account
    private var payers: [String: Account] = [:]

    init(perMinute: Int?, perPayer: Int?) {
        self.perMinute = perMinute
        self.perPayer = perPayer
        self.all = Account(tokens: Double(perMinute ?? 0), asOf: 0)
    }

    var payerCount: Int { self.payers.count }

    mutating func reserve(_ tokens: Int, for payer: String?, at now: Double) -> Verdict {
        var all = self.all
        if let limit = self.perMinute, let refusal = Self.take(tokens, from: &all, limit, now) { return refusal }
        if let limit = self.perPayer, let payer {
            let key = self.key(payer, limit, now)
            var own = self.payers[key] ?? Account(tokens: Double(limit), asOf: now)
            if let refusal = Self.take(tokens, from: &own, limit, now) { return refusal }
            self.payers[key] = own
        }
        self.all = all
        return .granted
    }

    mutating func giveBack(_ tokens: Int, for payer: String?, at now: Double) {
        if let limit = self.perMinute {
            Self.refill(&self.all, limit, now)
            self.all.tokens = min(Double(limit), self.all.tokens + Double(tokens))
        }
        guard let limit = self.perPayer, let payer else { return }
        let key = self.payers[payer] == nil ? Self.others : payer
        guard var own = self.payers[key] else { return }
        Self.refill(&own, limit, now)
        own.tokens = min(Double(limit), own.tokens + Double(tokens))
        self.payers[key] = own
    }

    private mutating func key(_ payer: String, _ limit: Int, _ now: Double) -> String {
        guard self.payers[payer] == nil, self.payers.count >= Self.maxPayers else { return payer }
        self.payers = self.payers.filter { _, account in
            var account = account
            Self.refill(&account, limit, now)
            return account.tokens < Double(limit)
        }
        return self.payers.count < Self.maxPayers ? payer : Self.others
    }

    private static func refill(_ account: inout Account, _ limit: Int, _ now: Double) {
        account.tokens = min(Double(limit), account.tokens + (now - account.asOf) * Double(limit) / 60)
        account.asOf = now
    }

    private static func take(_ tokens: Int, from account: inout Account, _ limit: Int, _ now: Double) -> Verdict? {
        guard tokens <= limit else { return .never(limit: limit) }
        self.refill(&account, limit, now)
        let missing = Double(tokens) - account.tokens
        guard missing <= 0 else { return .later(seconds: missing * 60 / Double(limit), limit: limit) }
        account.tokens -= Double(tokens)
        return nil
    }
}
