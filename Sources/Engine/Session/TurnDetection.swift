import JSON

/// Who ends the user's turn, and what follows.
enum TurnDetection: Sendable, Equatable {
    /// Silence does, after a fixed time.
    case server(Server)
    /// Silence does, after a time that follows the eagerness: this engine does not understand what was said.
    case semantic(Semantic)

    struct Server: Sendable, Equatable {
        var threshold = 0.5
        var prefixPaddingMs = 300
        var silenceDurationMs = 500
        /// After so long a silence the engine speaks unasked.
        var idleTimeoutMs: Int?
        var createsResponse = true
        var interruptsResponse = true
    }

    struct Semantic: Sendable, Equatable {
        var eagerness = "auto"
        var createsResponse = true
        var interruptsResponse = true
    }

    /// What the vendor's sessions begin with.
    static let initial = TurnDetection.server(Server(silenceDurationMs: 200))

    var createsResponse: Bool {
        switch self {
        case .server(let server): server.createsResponse
        case .semantic(let semantic): semantic.createsResponse
        }
    }

    var interruptsResponse: Bool {
        switch self {
        case .server(let server): server.interruptsResponse
        case .semantic(let semantic): semantic.interruptsResponse
        }
    }

    var sensitivity: TurnListener.Sensitivity {
        switch self {
        case .server(let server):
            .init(
                threshold: server.threshold, prefixPaddingMs: server.prefixPaddingMs,
                silenceDurationMs: server.silenceDurationMs)
        case .semantic(let semantic):
            .init(threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: Self.silenceMs(semantic.eagerness))
        }
    }

    /// The vendor's upper bounds are 8, 4 and 2 s for what sounds unfinished. Without understanding, a third of that is a
    /// pause that a speaker leaves between thoughts and a listener can bear.
    private static func silenceMs(_ eagerness: String) -> Int {
        switch eagerness {
        case "low": 1_500
        case "high": 500
        default: 900
        }
    }

    var json: JSONValue {
        switch self {
        case .server(let server):
            [
                "type": "server_vad", "threshold": .number(server.threshold),
                "prefix_padding_ms": .integer(server.prefixPaddingMs),
                "silence_duration_ms": .integer(server.silenceDurationMs),
                "idle_timeout_ms": server.idleTimeoutMs.map(JSONValue.integer) ?? .null,
                "create_response": .bool(server.createsResponse),
                "interrupt_response": .bool(server.interruptsResponse),
            ]
        case .semantic(let semantic):
            [
                "type": "semantic_vad", "eagerness": .string(semantic.eagerness),
                "create_response": .bool(semantic.createsResponse),
                "interrupt_response": .bool(semantic.interruptsResponse),
            ]
        }
    }
}
