import Foundation

/// What one user does and when, drawn from a seed. Times are nanoseconds since the user began to talk.
struct UserScript: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        case talk, pause, bargeIn, switchPersona, drop
    }

    private static let talkSeconds = 2.0...6.0
    private static let nanoseconds = 1e9

    private let behaviour: Behaviour
    private var random: RandomSource
    private(set) var isTalking = true
    private var spanEnd: UInt64 = .max
    private var nextBargeIn: UInt64 = .max
    private var nextSwitch: UInt64 = .max
    private var nextDrop: UInt64 = .max
    /// Before it, `advance` has nothing to tell.
    private(set) var nextChange: UInt64 = .max

    init(_ behaviour: Behaviour, seed: UInt64) {
        self.behaviour = behaviour
        self.random = RandomSource(seed: seed)
        self.spanEnd = behaviour.talkShare < 1 ? self.talkSpan() : .max
        self.nextBargeIn = self.gap(behaviour.bargeInsPerMinute)
        self.nextSwitch = self.gap(behaviour.switchesPerMinute)
        self.nextDrop = self.gap(behaviour.dropsPerMinute)
        self.updateNextChange()
    }

    /// What has become due at `now`, the earliest first.
    mutating func advance(to now: UInt64) -> [Event] {
        var events: [Event] = []
        while self.nextChange <= now { events.append(self.step()) }
        return events
    }

    private mutating func step() -> Event {
        let due = self.nextChange
        defer { self.updateNextChange() }
        if due == self.spanEnd { return self.turnSpan(at: due) }
        if due == self.nextBargeIn {
            self.nextBargeIn = due + self.gap(self.behaviour.bargeInsPerMinute)
            return .bargeIn
        }
        if due == self.nextSwitch {
            self.nextSwitch = due + self.gap(self.behaviour.switchesPerMinute)
            return .switchPersona
        }
        self.nextDrop = due + self.gap(self.behaviour.dropsPerMinute)
        return .drop
    }

    private mutating func turnSpan(at due: UInt64) -> Event {
        self.isTalking.toggle()
        let pause = (1 - self.behaviour.talkShare) / self.behaviour.talkShare
        self.spanEnd = due + (self.isTalking ? self.talkSpan() : UInt64(Double(self.talkSpan()) * pause))
        return self.isTalking ? .talk : .pause
    }

    private mutating func talkSpan() -> UInt64 {
        let range = Self.talkSeconds
        let seconds = range.lowerBound + self.random.unit() * (range.upperBound - range.lowerBound)
        return UInt64(seconds * Self.nanoseconds)
    }

    /// Until the next of events that come by themselves, a minute's rate apart on average.
    private mutating func gap(_ ratePerMinute: Double) -> UInt64 {
        // Half of the range of times: a sum of two never overflows.
        guard ratePerMinute > 0 else { return .max / 2 }
        let seconds = -log(1 - self.random.unit()) * 60 / ratePerMinute
        return UInt64(max(0.001, seconds) * Self.nanoseconds)
    }

    private mutating func updateNextChange() {
        self.nextChange = min(self.spanEnd, self.nextBargeIn, self.nextSwitch, self.nextDrop)
    }
}
