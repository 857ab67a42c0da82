import JSON
import YAML

/// What a scripted engine does with each connection that comes: a conversation, and what goes wrong in it.
///
/// The file format is in docs/engine.md and docs/schema/fault-script.schema.json; examples are in docs/scripts.
public struct FaultScript: Sendable, Equatable {
    /// What speaks where a script leaves the answer to the engine.
    public enum Speech: String, Sendable, CaseIterable {
        /// Beeps, the same every time, from this process.
        case tones
        /// The voice of the speech helper.
        case voice
    }

    /// The names of the events that the engine and `say` send.
    enum Dialect: String, Sendable, CaseIterable {
        case ga, beta
    }

    /// What connections get that the script does not mention.
    enum Rest: String, Sendable, CaseIterable {
        /// 503, and the run has failed.
        case fail
        /// 503.
        case refuse
        /// The engine, as if there were no script.
        case engine
    }

    struct Refusal: Sendable, Equatable {
        let line: Int
        let status: Int
        let retryAfterSeconds: Int?
    }

    struct Connection: Sendable, Equatable {
        let line: Int
        /// Instead of any steps.
        let refusal: Refusal?
        let steps: [ScriptStep]
        /// Events that may come at any time, expected or not.
        let allowed: Set<String>
    }

    /// One sentence on what goes wrong; empty where the author wrote none.
    public let about: String
    public let speech: Speech
    let dialect: Dialect
    let rest: Rest
    /// In the order in which clients connect.
    let connections: [Connection]
}

/// Why a file is no fault script.
public struct FaultScriptError: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    public let message: String

    init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    public var description: String { "line \(self.line): \(self.message)" }
}
