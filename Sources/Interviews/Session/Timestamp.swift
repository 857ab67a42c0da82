import Foundation

/// A moment as it stands in files: UTC with milliseconds, `2026-11-21T09:15:00.250Z`.
public struct Timestamp: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    public let description: String

    public init(_ date: Date) {
        self.description = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    public init(from decoder: any Decoder) throws {
        self.description = try decoder.singleValueContainer().decode(String.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }

    /// nil where a file holds something else.
    public var date: Date? {
        try? Date(self.description, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.description < right.description }
}
