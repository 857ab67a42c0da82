import Foundation

/// The hours in which a persona takes calls.
public struct Availability: Sendable, Hashable {
    public let timeZone: TimeZone
    /// Minutes since midnight; nil means always. The end may lie before the start: then it is past midnight.
    public let hours: Hours?

    public struct Hours: Sendable, Hashable {
        public var start: Int
        public var end: Int
    }

    /// - Parameters:
    ///   - timeZone: an IANA name such as `Asia/Kolkata`.
    ///   - hours: `9am-9pm`, `09:30-18:00`, `6pm-2am` or `24h`.
    public init(timeZone: String, hours: String) throws(PersonaProblem) {
        guard let zone = TimeZone(identifier: timeZone) else {
            throw PersonaProblem("availability.timezone \"\(timeZone)\" is no IANA time zone such as Asia/Kolkata")
        }
        self.timeZone = zone
        self.hours = try Self.parse(hours)
    }

    private static func parse(_ text: String) throws(PersonaProblem) -> Hours? {
        let compact = text.lowercased().filter { !$0.isWhitespace }
        if ["24h", "24/7"].contains(compact) { return nil }
        let ends = compact.replacing("–", with: "-").split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = self.minutes(ends[0]), let end = self.minutes(ends[1]) else {
            throw PersonaProblem("availability.hours \"\(text)\" is none of 9am-9pm, 09:30-18:00, 24h")
        }
        guard start != end else {
            throw PersonaProblem(
                "availability.hours \"\(text)\" opens and closes at the same time; write 24h for always")
        }
        return Hours(start: start, end: end)
    }

    private static func minutes(_ text: Substring) -> Int? {
        let isAfternoon = text.hasSuffix("pm")
        let isMarked = isAfternoon || text.hasSuffix("am")
        let parts = (isMarked ? text.dropLast(2) : text).split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let hour = Int(parts[0]),
            let minute = parts.count == 2 ? Int(parts[1]) : 0,
            parts.allSatisfy({ (1...2).contains($0.count) && $0.allSatisfy(\.isNumber) }), (0...59).contains(minute)
        else { return nil }
        guard isMarked else { return parts.count == 2 && (0...23).contains(hour) ? hour * 60 + minute : nil }
        guard (1...12).contains(hour) else { return nil }
        return (hour % 12 + (isAfternoon ? 12 : 0)) * 60 + minute
    }

    /// Whether it is open now; else when it opens next.
    public func status(at moment: Date) -> Status {
        guard let hours = self.hours else { return .open }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = self.timeZone
        let now = calendar.dateComponents([.hour, .minute], from: moment)
        let minute = (now.hour ?? 0) * 60 + (now.minute ?? 0)
        let isOpen =
            hours.start < hours.end
            ? (hours.start..<hours.end).contains(minute) : minute >= hours.start || minute < hours.end
        guard !isOpen else { return .open }
        let opening = DateComponents(hour: hours.start / 60, minute: hours.start % 60)
        // A day on which the clocks skip the very minute opens at the next one that exists.
        return .closed(
            opensAt: calendar.nextDate(after: moment, matching: opening, matchingPolicy: .nextTime) ?? moment)
    }

    public enum Status: Sendable, Equatable {
        case open
        case closed(opensAt: Date)
    }
}
