/// Every code of an `error` event.
public enum ErrorCode: String, Sendable, CaseIterable {
    case badJSON = "bad_json"
    case badMessage = "bad_message"
    case badAudio = "bad_audio"
    case unsupportedFormat = "unsupported_format"
    case tooLarge = "too_large"
    case personaNotFound = "persona_not_found"
    case personaInactive = "persona_inactive"
    case personaNotReady = "persona_not_ready"
    case personaUnavailable = "persona_unavailable"
    case switchFailed = "switch_failed"
    case noSpeech = "no_speech"
    case rateLimited = "rate_limited"
    case upstreamUnavailable = "upstream_unavailable"
    case upstreamAuth = "upstream_auth"
    case upstreamQuota = "upstream_quota"
    case upstreamTimeout = "upstream_timeout"
    case sessionExpired = "session_expired"
    case resumeExpired = "resume_expired"
    case superseded
    case goingAway = "going_away"
    case idleTimeout = "idle_timeout"
    case slowConsumer = "slow_consumer"
    case internalError = "internal"

    /// What it means and what to do, for `vaani explain` and for people.
    public var meaning: String {
        switch self {
        case .badJSON: "The message is no JSON object. Send one object per text frame."
        case .badMessage: "A field is missing, of the wrong type, or contradicts another. The message says which."
        case .badAudio: "The audio could not be decoded. Record it again; nothing of it reached the model."
        case .unsupportedFormat: "The audio's container or codec is not one that is taken; the message names it."
        case .tooLarge: "The message, the recording or its decoded length is over a limit. Send less at once."
        case .personaNotFound: "There is no persona of that id. The present one stays."
        case .personaInactive: "The persona exists and is not active. The present one stays."
        case .personaNotReady: "The persona is still being made. Try again later."
        case .personaUnavailable: "The persona is outside its hours. The message says when it opens."
        case .switchFailed: "The new persona could not be reached. The present one stays."
        case .noSpeech: "The recording holds no speech. Nothing was asked of the model."
        case .rateLimited: "Too much at once, here or at the model. Wait and try again."
        case .upstreamUnavailable: "The model cannot be reached or failed. Try again."
        case .upstreamAuth: "The model refused the gateway's credentials. An operator has to mend it."
        case .upstreamQuota: "The gateway's account at the model has no credit. An operator has to mend it."
        case .upstreamTimeout: "The model did not answer in time. Try again."
        case .sessionExpired: "The session has reached its greatest length. Connect again."
        case .resumeExpired: "The session cannot be resumed any more. A new one begins."
        case .superseded: "The same user has opened a newer connection. This one ends."
        case .goingAway: "The gateway stops or restarts. Connect again in a moment."
        case .idleTimeout: "Nothing was heard for too long. Connect again to go on."
        case .slowConsumer: "The client takes less than it is sent. Use a better network or a smaller codec."
        case .internalError: "A fault of the gateway. Try again; if it stays, report the time and the session's id."
        }
    }

    /// Whether the same request may succeed if it is made again.
    public var isRetriable: Bool {
        switch self {
        case .personaNotReady, .personaUnavailable, .switchFailed, .rateLimited, .upstreamUnavailable, .upstreamTimeout,
            .sessionExpired, .goingAway, .idleTimeout, .slowConsumer, .internalError:
            true
        default: false
        }
    }
}
