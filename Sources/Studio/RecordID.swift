/// Names a record of a store: a prefix that tells what it is, and 96 random bits, so that knowing one id tells no other.
public struct RecordID: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public var description: String { self.rawValue }

    /// nil unless `rawValue` has 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
    public init?(_ rawValue: String) {
        let others = "._:-".utf8
        let isLegal = rawValue.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || others.contains(byte)
        }
        guard isLegal, (1...128).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    private init(unchecked rawValue: String) { self.rawValue = rawValue }

    /// A new one.
    ///
    /// - Parameter prefix: letters, such as `scn`.
    public static func new(_ prefix: StaticString) -> RecordID {
        let words = (0..<3).map { _ in
            let digits = String(UInt32.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }
        return RecordID(unchecked: "\(prefix)_\(words.joined())")
    }
}
