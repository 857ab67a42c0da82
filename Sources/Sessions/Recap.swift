import ClientProtocol

/// What was said in a conversation, short enough to be told to a new connection.
///
/// It goes out as one system item: replaying assistant items one by one makes some models answer in text from then on.
struct Recap: Sendable, Equatable {
    private static let maxEntries = 40
    private static let maxCharacters = 6_000

    private var entries: [(role: Transcript.Role, text: String)] = []

    init() {}

    static func == (left: Self, right: Self) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.role == $1.role && $0.text == $1.text }
    }

    mutating func add(_ role: Transcript.Role, _ text: String) {
        guard !text.isEmpty else { return }
        self.entries.append((role, String(text.prefix(1_000))))
        if self.entries.count > Self.maxEntries { self.entries.removeFirst() }
    }

    /// For the same persona on a new line; nil when nothing was said.
    var afterReconnect: String? {
        self.text("The call continues after a short break in the line. Do not greet again. What was said so far:")
    }

    /// For another persona: what the caller said, not the first persona's own words.
    var forAnotherPersona: String? {
        var callers = self
        callers.entries.removeAll { $0.role == .assistant }
        return callers.text("The caller has spoken with someone else before. What the caller said there:")
    }

    private func text(_ heading: String) -> String? {
        guard !self.entries.isEmpty else { return nil }
        let lines = self.entries.map { "\($0.role == .user ? "Caller" : "You"): \($0.text)" }
        return heading + "\n" + String(lines.joined(separator: "\n").suffix(Self.maxCharacters))
    }
}
