import RealtimeProtocol

/// What a session has used so far.
public struct SessionUsage: Sendable, Equatable {
    /// Speech that was given to models, recordings and the live microphone.
    public var audioInMs = 0
    /// Speech that was sent to the user.
    public var audioOutMs = 0
    /// Of all responses that said so, cancelled ones included.
    public var tokens = TokenUsage()
    /// An estimate in the price table's currency: tokens times prices. nil where a model's price or usage is not known.
    public var cost: Double? { self.isPriced ? self.knownCost : nil }

    private var knownCost = 0.0
    private var isPriced = false
    private var hasGap = false

    public init() {}

    /// A response is over.
    ///
    /// - Parameters:
    ///   - usage: nil where the model does not tell.
    ///   - prices: nil where nobody told what the model costs.
    mutating func add(_ usage: TokenUsage?, at prices: ModelPrices?) {
        if let usage { self.tokens += usage }
        guard let usage, let prices else {
            self.hasGap = true
            self.isPriced = false
            return
        }
        self.knownCost += prices.cost(of: usage)
        self.isPriced = !self.hasGap
    }
}
