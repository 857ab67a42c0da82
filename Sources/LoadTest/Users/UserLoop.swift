import Transport

/// The users of one event loop: their microphones' one timer, and what they have seen since it was last taken.
///
/// Confined to the loop.
final class UserLoop: @unchecked Sendable {
    struct Snapshot: Sendable {
        var dialects: [LoadDialect: LoadFigures]
        /// How late the microphones of all were.
        var lag: LatencyHistogram
        /// Users that can talk.
        var ready: Int
        /// Why the gateway cannot be tested with the dialect that was asked for.
        var refusal: String?
    }

    let loop: EventLoop
    let messages: MicrophoneMessages
    private var boards: [LoadDialect: LoadBoard] = [:]
    private var lag = LatencyHistogram()
    var ready = 0
    var refusal: String?
    /// Once false, microphones are silent and nobody reconnects.
    private(set) var isTalking = true

    private var users: [SyntheticUser] = []
    private var slots: [[SyntheticUser]] = Array(repeating: [], count: PacingWheel.slots)
    private var wheel = PacingWheel(start: LoadClock.nanoseconds)
    private var timer: ScheduledTask?

    /// - Parameter chunkMilliseconds: of all microphones; nil for what is usual in their dialects.
    init(_ loop: EventLoop, chunkMilliseconds: Int? = nil) {
        self.loop = loop
        self.messages = MicrophoneMessages(chunkMilliseconds: chunkMilliseconds)
    }

    /// Where the users of a dialect write down what they see.
    func board(_ dialect: LoadDialect) -> LoadBoard {
        if let board = self.boards[dialect] { return board }
        let board = LoadBoard()
        self.boards[dialect] = board
        return board
    }

    func prepare(_ mix: DialectMix) {
        for share in mix.shares { self.messages.prepare(share.dialect) }
        self.wheel = PacingWheel(start: LoadClock.nanoseconds)
    }

    /// Connects a user.
    func add(_ card: SyntheticUser.Card) {
        let user = SyntheticUser(card, on: self)
        // Coprime to the number of slots: neighbours are far apart, and slots fill evenly.
        let slot = self.users.count * 27 % PacingWheel.slots
        self.users.append(user)
        let step = Int(UInt64(card.chunkMilliseconds) * 1_000_000 / PacingWheel.slotNanoseconds)
        for turn in stride(from: 0, to: PacingWheel.slots, by: step) {
            self.slots[(slot + turn) % PacingWheel.slots].append(user)
        }
        user.connect()
        if self.timer == nil { self.arm() }
    }

    func take() -> Snapshot {
        defer { self.lag = LatencyHistogram() }
        return Snapshot(
            dialects: self.boards.mapValues { $0.take() }, lag: self.lag, ready: self.ready, refusal: self.refusal)
    }

    func silence() {
        self.isTalking = false
    }

    /// Counts what is still under way as lost, and sends everybody home.
    func finish() {
        for user in self.users { user.board.figures.chunksLost += user.outstanding }
        for user in self.users { user.leave() }
        self.timer?.cancel()
        self.timer = nil
        self.users = []
        self.slots = Array(repeating: [], count: PacingWheel.slots)
    }

    /// Sends home whoever has this number or a higher one.
    func keep(below number: Int) {
        for user in self.users where user.card.number >= number { user.leave() }
        self.users.removeAll { $0.card.number >= number }
        for slot in self.slots.indices { self.slots[slot].removeAll { $0.card.number >= number } }
    }

    private func arm() {
        guard let tick = self.wheel.next(where: { !self.slots[$0].isEmpty }) else { return }
        let (due, now) = (self.wheel.due(tick), LoadClock.nanoseconds)
        self.timer = self.loop.schedule(after: .nanoseconds(due > now ? due - now : 0)) { [weak self] in self?.turn() }
    }

    private func turn() {
        let now = LoadClock.nanoseconds
        for tick in self.wheel.take(at: now) {
            let slot = self.slots[Int(tick % UInt64(PacingWheel.slots))]
            guard !slot.isEmpty else { continue }
            let due = self.wheel.due(tick)
            self.lag.record(nanoseconds: now > due ? now - due : 0)
            for user in slot { user.tick(now, due: due) }
        }
        self.arm()
    }
}

/// What the users of one dialect and loop have seen since it was last taken. Confined to the loop.
final class LoadBoard {
    var figures = LoadFigures()

    func count(_ error: String) {
        self.figures.errors[error, default: 0] += 1
    }

    func take() -> LoadFigures {
        defer { self.figures = LoadFigures() }
        return self.figures
    }
}
