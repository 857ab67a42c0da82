/// What a client does about an `error` event or a failed response.
public enum ErrorDisposition: Sendable, Equatable {
    /// A race that both sides may lose: nothing to do.
    case ignore
    /// Another response is running: ask again when it is done.
    case askAgainAfterResponse
    /// The connection is of no more use.
    case endsSession(UpstreamFailure)
    /// This request failed; the session goes on.
    case report
}

extension RealtimeError {
    public var disposition: ErrorDisposition {
        switch self.code ?? "" {
        case "input_audio_buffer_commit_empty", "response_cancel_not_active", "item_truncate_invalid_item_id",
            "item_delete_invalid_item_id", "item_retrieve_invalid_item_id":
            return .ignore
        case "conversation_already_has_active_response": return .askAgainAfterResponse
        case "session_expired": return .endsSession(UpstreamFailure(.sessionExpired, self.summary))
        case "insufficient_quota", "billing_hard_limit_reached":
            return .endsSession(UpstreamFailure(.quota, self.summary))
        case "invalid_api_key", "account_deactivated":
            return .endsSession(UpstreamFailure(.authentication, self.summary))
        case "beta_api_shape_disabled": return .endsSession(UpstreamFailure(.rejected, self.summary))
        // xAI tells it by the text alone.
        case _ where self.message.contains("already has an active response"): return .askAgainAfterResponse
        default: return self.isKnownRace ? .ignore : .report
        }
    }

    /// Whether it says that it is about a request for a response.
    ///
    /// Servers that name the event that caused an error name this one. Of those that do not, an error may be about anything:
    /// a code of responses or of rates, or a parameter of the request, says that it is about this.
    ///
    /// - Parameter id: the `event_id` of the request.
    public func refuses(request id: String) -> Bool {
        if let eventID = self.eventID { return eventID == id }
        let code = self.code ?? ""
        return code.hasPrefix("response_") || code.contains("rate_limit") || self.param?.hasPrefix("response") == true
    }

    /// Some servers tell these races by their text alone.
    private var isKnownRace: Bool {
        self.message.contains("already shorter than") || self.message.contains("no active response")
            || self.message.contains("Only model output audio messages can be truncated")
            || self.isAboutMissingItem
    }

    /// An item that was deleted meanwhile, or that a cancelled response never made.
    private var isAboutMissingItem: Bool {
        let text = self.message.lowercased()
        return text.contains("item") && (text.contains("not found") || text.contains("does not exist"))
    }

    /// The code, never the message: a provider's message may quote what the user said.
    private var summary: String {
        "the model reported \(self.code ?? self.type)"
    }
}
