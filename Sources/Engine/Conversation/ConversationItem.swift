import JSON

/// One entry of a conversation.
struct ConversationItem: Sendable, Equatable {
    enum Role: String, Sendable, CaseIterable {
        case system, user, assistant
    }

    enum Status: String, Sendable {
        case inProgress = "in_progress"
        case completed, incomplete
    }

    enum Body: Sendable, Equatable {
        case message(Role, [Content])
        case functionCall(callID: String, name: String, arguments: String)
        case functionOutput(callID: String, output: String)
    }

    enum Content: Sendable, Equatable {
        case inputText(String)
        case inputAudio(Recording)
        case inputImage(url: String)
        case outputText(String)
        /// What the engine said, as far as it was sent; no transcript once it was truncated.
        case outputAudio(transcript: String?, milliseconds: Int)
    }

    /// What the user said.
    struct Recording: Sendable, Equatable {
        var milliseconds: Int
        /// In the session's input format; nil where it was too long to keep.
        var audio: [UInt8]?
        var transcript: String?
        /// What was said, where somebody has written it down.
        var words: String?
        /// Nobody spoke: it was committed because the user stayed silent for too long.
        var isSilence = false
    }

    let id: String
    var status = Status.completed
    var body: Body
    /// About what was heard of a reply that was cut short. For a language model alone: the protocol's items tell nothing
    /// rather than a guess.
    var heardWords: String?
}

extension ConversationItem {
    var role: Role? {
        if case .message(let role, _) = self.body { role } else { nil }
    }

    var content: [Content] {
        if case .message(_, let content) = self.body { content } else { [] }
    }

    /// Bytes of text that it holds.
    var textBytes: Int {
        switch self.body {
        case .message(_, let content): content.reduce(0) { $0 + $1.textBytes }
        case .functionCall(let callID, let name, let arguments):
            callID.utf8.count + name.utf8.count + arguments.utf8.count
        case .functionOutput(let callID, let output): callID.utf8.count + output.utf8.count
        }
    }

    var audioBytes: Int {
        self.content.reduce(0) { $0 + $1.audioBytes }
    }

    mutating func dropAudio() {
        guard case .message(let role, let content) = self.body else { return }
        self.body = .message(role, content.map(\.withoutAudio))
    }
}

extension ConversationItem.Content {
    var textBytes: Int {
        switch self {
        case .inputText(let text), .outputText(let text), .inputImage(let text): text.utf8.count
        case .inputAudio(let recording): recording.transcript?.utf8.count ?? 0
        case .outputAudio(let transcript, _): transcript?.utf8.count ?? 0
        }
    }

    var audioBytes: Int {
        if case .inputAudio(let recording) = self { recording.audio?.count ?? 0 } else { 0 }
    }

    fileprivate var withoutAudio: Self {
        guard case .inputAudio(var recording) = self else { return self }
        recording.audio = nil
        return .inputAudio(recording)
    }
}
