import Foundation

/// Names an interview after the second in which it began, such as `2025-11-10T02-15-00Z`; a second one of the same second
/// ends in `-2`.
public struct InterviewID: RawRepresentable, Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    /// nil for everything that does not have exactly this shape: what is no id reaches no file.
    public init?(rawValue: String) {
        let pattern = /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z(-[1-9][0-9]{0,3})?/
        guard rawValue.utf8.count <= 32, rawValue.utf8.allSatisfy({ $0 < 0x80 }),
            rawValue.wholeMatch(of: pattern) != nil
        else { return nil }
        self.rawValue = rawValue
    }

    /// - Parameter copy: 1 for the first of its second.
    init(_ date: Date, copy: Int) {
        let time = date.formatted(.iso8601).replacing(":", with: "-")
        self.rawValue = copy > 1 ? "\(time)-\(copy)" : time
    }

    init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        self.init(rawValue: String(fileName.dropLast(Self.suffix.count)))
    }

    var fileName: String { self.rawValue + Self.suffix }
    private static let suffix = "-session.json"

    public var description: String { self.rawValue }

    /// In the order of time.
    public static func < (left: InterviewID, right: InterviewID) -> Bool {
        let (leftTime, rightTime) = (left.rawValue.prefix(20), right.rawValue.prefix(20))
        return leftTime == rightTime ? left.copy < right.copy : leftTime < rightTime
    }

    private var copy: Int { Int(self.rawValue.dropFirst(21)) ?? 1 }
}
