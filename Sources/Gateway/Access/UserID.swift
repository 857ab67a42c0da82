/// Who a voice endpoint is opened for, as its path names them.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    /// Longer names would fill logs and tables; no directory of people uses them.
    public static let maxLength = 128

    public let rawValue: String

    public var description: String { self.rawValue }

    /// - Parameter text: already percent-decoded.
    /// - Returns: nil unless it is 1 to 128 of `A-Z a-z 0-9 . _ : @ -`.
    public init?(_ text: String) {
        guard (1...Self.maxLength).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.rawValue = text
    }

    private init(unchecked rawValue: String) { self.rawValue = rawValue }

    /// Everybody who gives no name, where nobody has to.
    static let local = UserID(unchecked: "local")

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "._:@-".utf8.contains(byte)
        }
    }
}
