import RealtimeProtocol
import Testing

@Suite struct ErrorDispositionTests {
    private func disposition(_ code: String?, _ message: String = "") -> ErrorDisposition {
        RealtimeError(type: "invalid_request_error", code: code, message: message).disposition
    }

    @Test(arguments: ["response_cancel_not_active", "input_audio_buffer_commit_empty", "item_truncate_invalid_item_id"])
    func `a race is ignored`(code: String) {
        #expect(self.disposition(code) == .ignore)
    }

    @Test func `a second response is asked for again`() {
        #expect(self.disposition("conversation_already_has_active_response") == .askAgainAfterResponse)
    }

    @Test(arguments: [
        ("insufficient_quota", UpstreamFailure.Class.quota), ("invalid_api_key", .authentication),
        ("session_expired", .sessionExpired), ("beta_api_shape_disabled", .rejected),
    ])
    func `what ends a session says what can be done about it`(code: String, failureClass: UpstreamFailure.Class) {
        guard case .endsSession(let failure) = self.disposition(code, "account of someone@example.com") else {
            Issue.record("\(code) does not end the session")
            return
        }
        #expect(failure.failureClass == failureClass)
        #expect(!failure.message.contains("example.com"), "a provider's message is not passed on")
    }

    @Test func `truncating beyond the end is a race, whatever its code`() {
        #expect(self.disposition("invalid_value", "Audio content of 900ms is already shorter than 1200ms") == .ignore)
        #expect(self.disposition("invalid_value", "Invalid value: 'nova'.") == .report)
    }
}
