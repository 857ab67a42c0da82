/// Says how many tokens may be spent, before they are.
public protocol TokenBudget: Sendable {
    /// Sets tokens aside for a call: its prompt and the longest answer.
    ///
    /// - Throws: `over_budget`, with the time after which there is enough; not retriable where there never will be.
    func reserve(_ tokens: Int, for payer: String?) throws(LanguageModelError)

    /// The call is over: what it did not use goes back, what it used beyond is owed.
    func settle(reserved: Int, used: Int, for payer: String?)
}
