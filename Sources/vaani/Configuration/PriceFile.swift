import JSON
import RealtimeProtocol
import Sessions

/// Prices of models in JSON: `{"gpt-realtime": {"text_in": 4, "text_in_cached": 0.4, …}}`, for a million tokens each.
enum PriceFile {
    // Cached input costs what the rest does, where nothing else is said.
    private static let required: [TokenUsage.Kind] = [.textIn, .audioIn, .textOut, .audioOut]

    private static let range = 0.0...1_000_000

    /// - Throws: what is wrong, by model and kind.
    static func parse(_ text: [UInt8]) throws(InvalidSetting) -> PriceTable {
        guard let document = try? JSONValue(parsing: text), let models = document.object else {
            throw InvalidSetting("it is no JSON object of models")
        }
        var table = PriceTable()
        for (model, prices) in models.sorted(by: { $0.key < $1.key }) {
            table[model] = try self.prices(prices, of: model)
        }
        return table
    }

    private static func prices(_ value: JSONValue, of model: String) throws(InvalidSetting) -> ModelPrices {
        guard let members = value.object else { throw InvalidSetting("\(model) has no prices") }
        var prices: [TokenUsage.Kind: Double] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let kind = TokenUsage.Kind(rawValue: name) else {
                let names = TokenUsage.Kind.allCases.map(\.rawValue)
                throw InvalidSetting("\(model) has a price for \(name)\(Suggestion.hint(for: name, among: names))")
            }
            guard let price = value.double, Self.range.contains(price) else {
                throw InvalidSetting("\(model): \(name) is no number from 0 to 1000000")
            }
            prices[kind] = price
        }
        guard let missing = self.required.first(where: { prices[$0] == nil }) else {
            return ModelPrices(perMillion: prices)
        }
        throw InvalidSetting("\(model) has no price for \(missing.rawValue)")
    }
}
