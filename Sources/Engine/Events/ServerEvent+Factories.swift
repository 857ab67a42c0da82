import JSON
import RealtimeProtocol

/// The events that are no part of a response.
extension ServerEvent {
    static func error(_ error: RealtimeError) -> ServerEvent {
        ServerEvent("error", ["error": error.json])
    }

    static func speechStarted(_ itemID: String, atMs: Int) -> ServerEvent {
        ServerEvent(
            "input_audio_buffer.speech_started", ["item_id": .string(itemID), "audio_start_ms": .integer(atMs)])
    }

    static func speechStopped(_ itemID: String, atMs: Int) -> ServerEvent {
        ServerEvent("input_audio_buffer.speech_stopped", ["item_id": .string(itemID), "audio_end_ms": .integer(atMs)])
    }

    static func timeoutTriggered(_ itemID: String, fromMs: Int, toMs: Int) -> ServerEvent {
        ServerEvent(
            "input_audio_buffer.timeout_triggered",
            [
                "item_id": .string(itemID), "audio_start_ms": .integer(fromMs), "audio_end_ms": .integer(toMs),
            ])
    }

    static func committed(_ itemID: String, previous: String?) -> ServerEvent {
        ServerEvent(
            "input_audio_buffer.committed", ["item_id": .string(itemID), "previous_item_id": .optional(previous)])
    }

    static func itemAdded(_ item: ConversationItem, previous: String?) -> ServerEvent {
        ServerEvent("conversation.item.added", ["item": item.json(), "previous_item_id": .optional(previous)])
    }

    static func itemDone(_ item: ConversationItem, previous: String?) -> ServerEvent {
        ServerEvent("conversation.item.done", ["item": item.json(), "previous_item_id": .optional(previous)])
    }

    static func transcribed(_ itemID: String, _ transcript: String, milliseconds: Int) -> ServerEvent {
        ServerEvent(
            "conversation.item.input_audio_transcription.completed",
            [
                "item_id": .string(itemID), "content_index": 0, "transcript": .string(transcript),
                "usage": ["type": "duration", "seconds": .number(Double(milliseconds) / 1_000)],
            ])
    }

    static func truncated(_ itemID: String, contentIndex: Int, audioEndMs: Int) -> ServerEvent {
        ServerEvent(
            "conversation.item.truncated",
            [
                "item_id": .string(itemID), "content_index": .integer(contentIndex),
                "audio_end_ms": .integer(audioEndMs),
            ])
    }

    /// This engine limits nothing by the minute, so that what remains is always all.
    static let rateLimits = ServerEvent(
        "rate_limits.updated",
        [
            "rate_limits": [
                ["name": "tokens", "limit": 1_000_000, "remaining": 1_000_000, "reset_seconds": 0.0]
            ]
        ])
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }
}
