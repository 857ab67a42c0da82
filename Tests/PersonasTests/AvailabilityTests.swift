import Foundation
import Testing

@testable import Personas

@Suite struct AvailabilityTests {
    /// A moment of 2 March 2026 in India.
    private func moment(_ hour: Int, _ minute: Int = 0) throws -> Date {
        try Date(
            "2026-03-02T\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute):00+05:30", strategy: .iso8601)
    }

    private func india(_ hours: String) throws -> Availability {
        try Availability(timeZone: "Asia/Kolkata", hours: hours)
    }

    @Test(arguments: [
        ("9am-9pm", 540, 1260), ("9 AM - 9 PM", 540, 1260), ("09:30-18:00", 570, 1080), ("6pm-2am", 1080, 120),
        ("12am-12pm", 0, 720), ("9:15am-12am", 555, 0),
    ]) func `hours are read as people write them`(text: String, start: Int, end: Int) throws {
        #expect(try self.india(text).hours == Availability.Hours(start: start, end: end))
    }

    @Test(arguments: [
        "", "9-5", "25:00-26:00", "13pm-2am", "9am", "9am-9am", "09:60-10:00", "a-b", "-", "9am-9pm-10pm",
    ])
    func `hours that nobody could keep are refused`(text: String) {
        #expect(throws: PersonaProblem.self) { try self.india(text) }
    }

    @Test func `it is open from the first minute to before the last`() throws {
        let day = try self.india("9am-9pm")
        #expect(day.status(at: try self.moment(9)) == .open)
        #expect(day.status(at: try self.moment(20, 59)) == .open)
        #expect(day.status(at: try self.moment(21)) == .closed(opensAt: try self.moment(9).addingTimeInterval(86_400)))
        #expect(day.status(at: try self.moment(3)) == .closed(opensAt: try self.moment(9)))
    }

    @Test func `a night goes on past midnight`() throws {
        let night = try self.india("6pm-2am")
        #expect(night.status(at: try self.moment(1, 59)) == .open)
        #expect(night.status(at: try self.moment(23)) == .open)
        #expect(night.status(at: try self.moment(2)) == .closed(opensAt: try self.moment(18)))
    }

    @Test func `always is always`() throws {
        #expect(try self.india("24h").status(at: try self.moment(4)) == .open)
    }
}
