/// The name of a field in a log record. The list is closed on purpose: what has no key here is not logged, so that
/// audio, transcripts, prompts, birth data and credentials have no place to go.
public enum LogKey: String, Sendable, CaseIterable {
    case audioInMs = "audio.in.ms"
    case audioMs = "audio.ms"
    case audioTokensIn = "tokens.audio_in"
    case audioTokensOut = "tokens.audio_out"
    case byteCount = "bytes"
    case cachedAudioTokensIn = "tokens.audio_in_cached"
    case cachedTextTokensIn = "tokens.text_in_cached"
    case categories = "persona.categories"
    case closeCode = "close.code"
    case configurationKey = "configuration.key"
    case connectionID = "connection.id"
    case cost = "cost"
    case count = "count"
    case durationMs = "duration.ms"
    case errorCode = "error.code"
    case errorMessage = "error.message"
    case eventType = "event.type"
    case file = "file"
    case format = "format"
    case httpMethod = "http.method"
    case httpPath = "http.path"
    case httpStatus = "http.status"
    case jobID = "job.id"
    case listenAddress = "listen.address"
    case loop = "loop"
    case personaID = "persona.id"
    case previousPersonaID = "persona.previous_id"
    case processID = "process.id"
    case providerReason = "provider.reason"
    case queueBytes = "queue.bytes"
    case reason = "reason"
    case remoteAddress = "remote.address"
    case requestID = "request.id"
    case revision = "revision"
    case sessionID = "session.id"
    case signal = "signal"
    case textTokensIn = "tokens.text_in"
    case textTokensOut = "tokens.text_out"
    case turns = "turns"
    case upstreamID = "upstream.id"
    case userID = "user.id"
    case worker = "worker"
}

/// What a log field may hold.
public enum LogValue: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringInterpolation
{
    case text(String)
    case integer(Int)
    case number(Double)

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
}

/// How much a record matters: `notice` start, stop and configuration; `info` one line when a session opens and one when
/// it ends; `debug` events; `trace` frames; `warning` what an operator should mend; `error` lost work.
public enum LogLevel: String, Sendable, Comparable, CaseIterable {
    case trace, debug, info, notice, warning, error

    public static func < (left: Self, right: Self) -> Bool {
        self.order(left) < self.order(right)
    }

    private static func order(_ level: Self) -> Int {
        switch level {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        }
    }
}
