import Foundation
import JSON

/// What time it is at the double. Tests move it, so that nobody has to wait for a lag.
struct DoubleClock: Sendable, Equatable {
    /// Stands still here where it is set.
    private var stoppedAt: Date?
    private var offset = 0.0

    /// - Parameter moment: what time it is in the world.
    func now(_ moment: Date) -> Date {
        (self.stoppedAt ?? moment).addingTimeInterval(self.offset)
    }

    /// Goes on from a moment, which only orders like this one change from then on.
    mutating func stop(at moment: Date) {
        self.stoppedAt = moment
        self.offset = 0
    }

    mutating func advance(by seconds: Double) {
        self.offset += seconds
    }

    /// `{"set": "2025-12-01T10:00:00Z"}`, `{"advance": 120}`, or both.
    mutating func obey(_ order: JSONValue) throws(ProviderDoubleError) {
        let (start, seconds) = (order["set"], order["advance"])
        guard start != nil || seconds != nil else {
            throw ProviderDoubleError("clock", "say {\"set\": a moment} or {\"advance\": seconds}")
        }
        if let start {
            guard let moment = start.string.flatMap({ try? Date($0, strategy: .iso8601) }) else {
                throw ProviderDoubleError("clock", "set: \(start.text) is no moment such as 2025-12-01T10:00:00Z")
            }
            self.stop(at: moment)
        }
        guard let seconds else { return }
        guard let count = seconds.double, count.isFinite, abs(count) <= 1e9 else {
            throw ProviderDoubleError("clock", "advance: \(seconds.text) is no number of seconds")
        }
        self.advance(by: count)
    }
}
