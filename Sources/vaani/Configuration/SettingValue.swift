/// A type that a setting may have: how it is read from text and shown again.
protocol SettingValue: Sendable {
    /// - Throws: what the text should have been, to follow "key: ".
    static func parse(_ text: String) throws(InvalidSetting) -> Self
    var settingText: String { get }
}

/// What a value should have been.
struct InvalidSetting: Error, Equatable {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

extension String: SettingValue {
    static func parse(_ text: String) throws(InvalidSetting) -> String { text }
    var settingText: String { self }
}

extension Int: SettingValue {
    static func parse(_ text: String) throws(InvalidSetting) -> Int {
        guard let number = Int(text) else { throw InvalidSetting("\"\(text)\" is no whole number") }
        return number
    }

    var settingText: String { String(self) }
}

extension Bool: SettingValue {
    static func parse(_ text: String) throws(InvalidSetting) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: throw InvalidSetting("\"\(text)\" is neither true nor false")
        }
    }

    var settingText: String { self ? "true" : "false" }
}

/// Several values with commas between them.
extension Array: SettingValue where Element: SettingValue {
    static func parse(_ text: String) throws(InvalidSetting) -> [Element] {
        var values: [Element] = []
        for part in text.split(separator: ",") {
            let part = part.trimming(while: \.isWhitespace)
            if !part.isEmpty { values.append(try Element.parse(String(part))) }
        }
        return values
    }

    var settingText: String { self.map(\.settingText).joined(separator: ",") }
}

extension Duration: SettingValue {
    private static let units: [(suffix: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// `500ms`, `15s`, `2m`, `1h`; a bare number is seconds.
    static func parse(_ text: String) throws(InvalidSetting) -> Duration {
        let unit = self.units.first { text.hasSuffix($0.suffix) } ?? ("", 1_000)
        let digits = text.dropLast(unit.suffix.count).trimming(while: \.isWhitespace)
        guard let number = Double(digits), number.isFinite, abs(number) < 1e9 else {
            throw InvalidSetting("\"\(text)\" is no time such as 500ms, 15s or 2m")
        }
        return .milliseconds((number * unit.milliseconds).rounded())
    }

    var settingText: String {
        let milliseconds = Int((self / .milliseconds(1)).rounded())
        return milliseconds.isMultiple(of: 1_000) ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}

/// A number of bytes.
struct ByteCount: SettingValue, Comparable, ExpressibleByIntegerLiteral {
    private static let units: [(suffix: String, bytes: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1),
    ]

    let count: Int

    init(integerLiteral count: Int) { self.count = count }
    init(_ count: Int) { self.count = count }
    static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    static func < (left: Self, right: Self) -> Bool { left.count < right.count }

    /// `4096`, `64KiB`, `8MiB`.
    static func parse(_ text: String) throws(InvalidSetting) -> ByteCount {
        let unit = self.units.first { text.hasSuffix($0.suffix) } ?? ("", 1)
        let digits = text.dropLast(unit.suffix.count).trimming(while: \.isWhitespace)
        guard let number = Int(digits), !number.multipliedReportingOverflow(by: unit.bytes).overflow else {
            throw InvalidSetting("\"\(text)\" is no size such as 64KiB or 8MiB")
        }
        return ByteCount(number * unit.bytes)
    }

    var settingText: String {
        for (suffix, bytes) in Self.units.dropLast().reversed() where self.count >= bytes {
            if self.count.isMultiple(of: bytes) { return "\(self.count / bytes)\(suffix)" }
        }
        return String(self.count)
    }
}

extension StringProtocol {
    /// Without the characters at both ends that `isBlank`.
    func trimming(while isBlank: (Character) -> Bool) -> SubSequence {
        let head = self.drop(while: isBlank)
        guard let last = head.lastIndex(where: { !isBlank($0) }) else { return head[head.endIndex...] }
        return head[...last]
    }
}
