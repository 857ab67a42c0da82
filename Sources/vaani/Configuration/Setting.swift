/// One thing that can be set. Its key names it in a file; the flag and the environment variable follow from the key.
struct Setting: Sendable {
    /// In snake case, such as `max_sessions`.
    let key: String
    /// How help names the value: `FILE`, `1 to 64`.
    let value: String
    let sentence: String
    let read: @Sendable (String, inout Configuration) throws(InvalidSetting) -> Void
    let show: @Sendable (Configuration) -> String

    /// `max-sessions`.
    var flag: String { String(self.key.map { $0 == "_" ? "-" : $0 }) }
    /// `VAANI_MAX_SESSIONS`.
    var environmentName: String { "VAANI_" + self.key.uppercased() }

    /// Any value of a type that reads itself.
    static func any<Value: SettingValue>(
        _ key: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ value: String, _ sentence: String
    ) -> Setting {
        Setting(key: key, value: value, sentence: sentence) { text, configuration throws(InvalidSetting) in
            configuration[keyPath: path] = try Value.parse(text)
        } show: {
            $0[keyPath: path].settingText
        }
    }

    /// A value between two bounds, both included.
    static func within<Value: SettingValue & Comparable>(
        _ key: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ range: ClosedRange<Value>,
        _ unit: String = "", _ sentence: String
    ) -> Setting {
        let allowed = "\(range.lowerBound.settingText) to \(range.upperBound.settingText)"
        return Setting(
            key: key, value: unit.isEmpty ? allowed : "\(allowed) \(unit)", sentence: sentence
        ) { text, configuration throws(InvalidSetting) in
            let value = try Value.parse(text)
            guard range.contains(value) else { throw InvalidSetting("\(value.settingText) is outside \(allowed)") }
            configuration[keyPath: path] = value
        } show: {
            $0[keyPath: path].settingText
        }
    }

    /// One of a few words that another module knows; an empty one leaves it unset.
    static func word(
        _ key: String, _ path: any WritableKeyPath<Configuration, String> & Sendable, _ words: [String],
        _ sentence: String
    ) -> Setting {
        let names = words.filter { !$0.isEmpty }
        return Setting(key: key, value: names.joined(separator: "|"), sentence: sentence) {
            text, configuration throws(InvalidSetting) in
            guard words.contains(text) else { throw self.unknown(text, among: names) }
            configuration[keyPath: path] = text
        } show: {
            $0[keyPath: path]
        }
    }

    private static func unknown(_ text: String, among words: [String]) -> InvalidSetting {
        let hint = Suggestion.hint(for: text, among: words)
        return InvalidSetting("\"\(text)\" is not one of \(words.joined(separator: ", "))\(hint)")
    }

    /// One of a few words.
    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ key: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ sentence: String
    ) -> Setting {
        let words = Value.allCases.map(\.rawValue)
        return Setting(key: key, value: words.joined(separator: "|"), sentence: sentence) {
            text, configuration throws(InvalidSetting) in
            guard let value = Value(rawValue: text) else { throw self.unknown(text, among: words) }
            configuration[keyPath: path] = value
        } show: {
            $0[keyPath: path].rawValue
        }
    }
}
