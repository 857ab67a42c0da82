/// Names a persona, in every kind of list and message.
public struct PersonaID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String

    /// nil unless `rawValue` has 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
    public init?(_ rawValue: String) {
        let isLegal = rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal, (1...128).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    public var description: String { self.rawValue }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where a persona comes from; decides nothing about how a session treats it.
public enum PersonaKind: String, Sendable, CaseIterable {
    case astrologer, scenario, generated, provider, role, `self`
}
