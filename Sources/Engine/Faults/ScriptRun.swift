import Synchronization

/// The connections of one run of a script, and how each of them goes.
final class ScriptRun: Sendable {
    /// What a newcomer gets.
    enum Place: Sendable, Equatable {
        case refused(FaultScript.Refusal)
        case scripted(FaultScript.Connection, number: Int)
        case beyond(number: Int)
    }

    private struct State {
        var taken = 0
        /// By the connection's number, from 1; those that were refused are not among them.
        var progress: [Int: ScriptProgress] = [:]
        var uninvited: [Int] = []
    }

    let script: FaultScript
    private let state = Mutex(State())
    private let onDecided: @Sendable () -> Void

    /// - Parameter onDecided: called whenever the outcome may have become known.
    init(_ script: FaultScript, onDecided: @escaping @Sendable () -> Void) {
        self.script = script
        self.onDecided = onDecided
    }

    func take() -> Place {
        let place = self.state.withLock { state -> Place in
            state.taken += 1
            guard state.taken <= self.script.connections.count else {
                if self.script.rest == .fail { state.uninvited.append(state.taken) }
                return .beyond(number: state.taken)
            }
            let connection = self.script.connections[state.taken - 1]
            guard let refusal = connection.refusal else {
                state.progress[state.taken] = ScriptProgress(unreached: connection.steps.first)
                return .scripted(connection, number: state.taken)
            }
            return .refused(refusal)
        }
        if case .scripted = place { return place }
        self.onDecided()
        return place
    }

    func report(_ number: Int, _ progress: ScriptProgress) {
        self.state.withLock { $0.progress[number] = progress }
        if progress.isClosed || progress.failure != nil { self.onDecided() }
    }

    /// Whether nothing can change the verdict: a step failed, or all connections have been and gone.
    var isDecided: Bool {
        self.state.withLock { state in
            if !state.uninvited.isEmpty || state.progress.values.contains(where: { $0.failure != nil }) { return true }
            return self.script.rest == .fail && state.taken >= self.script.connections.count
                && state.progress.values.allSatisfy(\.isClosed)
        }
    }

    /// How it went, if it ended now.
    var verdict: ScriptVerdict {
        self.state.withLock { state in
            var failures: [ScriptFailure] = []
            for (number, progress) in state.progress.sorted(by: { $0.key < $1.key }) {
                failures += progress.verdict.map { [$0.with(connection: number)] } ?? []
            }
            failures += state.uninvited.map {
                ScriptFailure(connection: $0, line: nil, reason: "came, which nothing expects")
            }
            for connection in self.script.connections.dropFirst(state.taken) {
                failures.append(ScriptFailure(line: connection.line, reason: "nobody connected"))
            }
            let steps = state.progress.values.reduce(0) { $0 + $1.done }
            return ScriptVerdict(connections: state.taken, steps: steps, failures: failures)
        }
    }
}

/// How a run went.
public struct ScriptVerdict: Sendable, Equatable {
    /// How many came, the refused ones included.
    public let connections: Int
    /// How many were done.
    public let steps: Int
    /// Empty when everything went as the script says.
    public let failures: [ScriptFailure]

    /// For people, one line each.
    public var lines: [String] {
        guard self.failures.isEmpty else { return self.failures.map(\.description) }
        return ["\(self.connections) connections, \(self.steps) steps: all as scripted"]
    }
}

/// How far a scripted connection has come.
struct ScriptProgress: Sendable, Equatable {
    /// Steps.
    var done = 0
    /// The one under way; nil when all were done.
    var unreached: ScriptStep?
    var failure: ScriptFailure?
    var isClosed = false

    /// What it lacks, if it ended now.
    var verdict: ScriptFailure? {
        if let failure = self.failure { return failure }
        guard let step = self.unreached else { return nil }
        // The engine talks with the client until the connection ends: that is as far as it goes.
        if case .engine(let turn) = step.action, turn.until == nil { return nil }
        return ScriptFailure(step: step, reason: "never reached")
    }
}

extension ScriptFailure {
    fileprivate func with(connection: Int) -> ScriptFailure {
        var failure = self
        failure.connection = connection
        return failure
    }
}
