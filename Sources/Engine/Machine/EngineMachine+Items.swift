import JSON
import RealtimeProtocol

/// What the client does to the conversation.
extension EngineMachine {
    mutating func createItem(
        _ new: ClientEvent.NewItem, at place: Conversation.Place
    ) throws(RealtimeError) -> [EngineAction] {
        if let id = new.id, self.conversation[id] != nil { throw .duplicateItem(id) }
        if case .after(let id) = place, !self.conversation.has(place) { throw .noPreviousItem(id) }
        switch new.body {
        case .forceMessage(let text): return try self.speakExactly(text, itemID: new.id)
        case .item(let body):
            if case .functionOutput(let callID, _) = body, !self.conversation.hasCall(callID) { throw .noCall(callID) }
            return self.insert(ConversationItem(id: new.id ?? self.ids.next("item"), body: body), at: place)
        }
    }

    private mutating func insert(_ item: ConversationItem, at place: Conversation.Place) -> [EngineAction] {
        self.conversation.insert(item, at: place)
        let previous = self.conversation.previous(of: item.id)
        return [.send(.itemAdded(item, previous: previous)), .send(.itemDone(item, previous: previous))]
    }

    func retrieveItem(_ id: String) throws(RealtimeError) -> [EngineAction] {
        guard let item = self.conversation[id] else { throw .noItem(id, "retriev", "retrieve") }
        return [.send(ServerEvent("conversation.item.retrieved", ["item": item.json(withAudio: true)]))]
    }

    mutating func deleteItem(_ id: String) throws(RealtimeError) -> [EngineAction] {
        guard self.conversation.remove(id) != nil else { throw .noItem(id, "delet", "delete") }
        return [.send(ServerEvent("conversation.item.deleted", ["item_id": .string(id)]))]
    }

    mutating func truncateItem(
        _ id: String, _ contentIndex: Int, audioEndMs: Int
    ) throws(RealtimeError) -> [EngineAction] {
        guard var item = self.conversation[id] else { throw .noItem(id, "truncat", "truncate") }
        guard item.role == .assistant, contentIndex == 0, case .outputAudio(_, let length)? = item.content.first else {
            throw .notTruncatable
        }
        let index = self.responses.firstIndex { $0.itemID == id }
        let lengthMs = index.map { self.responses[$0].milliseconds } ?? length
        guard audioEndMs <= lengthMs else { throw .tooShortToTruncate(lengthMs, audioEndMs) }
        let said = index.map { self.responses[$0].transcript.said } ?? item.spokenWords
        item.heardWords = said.map { Self.beginning(of: $0, part: audioEndMs, of: lengthMs) } ?? item.heardWords
        if let index {
            self.responses[index].isTruncated = true
            self.responses[index].heardWords = item.heardWords
        }
        // The words that were not heard cannot be told from those that were: the transcript goes as a whole.
        item.body = .message(.assistant, [.outputAudio(transcript: nil, milliseconds: audioEndMs)])
        self.conversation.replace(item)
        return [.send(.truncated(id, contentIndex: contentIndex, audioEndMs: audioEndMs))]
    }

    /// Whole words, as many as fit into that part of the time.
    private static func beginning(of text: String, part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "" }
        let count = text.count * min(part, whole) / whole
        guard count < text.count else { return text }
        let cut = text.prefix(count + 1)
        return String(cut[..<(cut.lastIndex(where: \.isWhitespace) ?? cut.startIndex)])
    }
}

extension ConversationItem {
    fileprivate var spokenWords: String? {
        if case .outputAudio(let transcript, _)? = self.content.first { transcript } else { nil }
    }
}

extension RealtimeError {
    fileprivate static func duplicateItem(_ id: String) -> RealtimeError {
        .refusal(
            "item_create_duplicate_item_id", "Error adding item: an item with id '\(id)' already exists.",
            param: "item.id")
    }

    fileprivate static func noPreviousItem(_ id: String) -> RealtimeError {
        .refusal(
            "item_create_invalid_previous_item_id",
            "Error adding item: the previous item with id '\(id.prefix(64))' does not exist.", param: "previous_item_id"
        )
    }

    fileprivate static func noCall(_ id: String) -> RealtimeError {
        .refusal(
            "invalid_tool_call_id", "Tool call ID '\(id)' not found in conversation.", param: "item.call_id")
    }

    fileprivate static func noItem(_ id: String, _ stem: String, _ verb: String) -> RealtimeError {
        .refusal(
            "item_\(verb)_invalid_item_id",
            "Error \(stem)ing item: the item with id '\(id.prefix(64))' does not exist.", param: "item_id")
    }

    fileprivate static let notTruncatable = Self.refusal(
        "unsupported_content_type", "Only model output audio messages can be truncated", param: "item_id")

    fileprivate static func tooShortToTruncate(_ lengthMs: Int, _ endMs: Int) -> RealtimeError {
        .refusal(
            "invalid_value", "Audio content of \(lengthMs)ms is already shorter than \(endMs)ms",
            param: "audio_end_ms")
    }
}
