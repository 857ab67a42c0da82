import RealtimeProtocol

/// What models cost, for estimates.
public struct PriceTable: Sendable, Equatable {
    private var models: [String: ModelPrices] = [:]

    /// Knows no model.
    public init() {}

    /// By the name that the model has in the configuration; nil for one whose price nobody told.
    public subscript(_ model: String) -> ModelPrices? {
        get { self.models[model] }
        set { self.models[model] = newValue }
    }
}

/// The prices of a million tokens of each kind, in whatever currency the table is in.
public struct ModelPrices: Sendable, Equatable {
    private let perMillion: [TokenUsage.Kind: Double]

    /// - Parameter perMillion: a kind that is missing costs nothing, but for cached ones, which cost what the others do.
    public init(perMillion: [TokenUsage.Kind: Double]) {
        var prices = perMillion
        prices[.cachedTextIn] = perMillion[.cachedTextIn] ?? perMillion[.textIn]
        prices[.cachedAudioIn] = perMillion[.cachedAudioIn] ?? perMillion[.audioIn]
        self.perMillion = prices
    }

    public func cost(of usage: TokenUsage) -> Double {
        TokenUsage.Kind.allCases.reduce(0) { $0 + Double(usage[$1]) * (self.perMillion[$1] ?? 0) } / 1_000_000
    }
}
