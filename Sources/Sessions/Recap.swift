import ClientProtocol

/// What was said in a conversation, short enough to be told to a new connection.
///
/// It goes out as one system item: replaying assistant items one by one makes some models answer in text from then on.
struct Recap: Sendable, Equatable {
    private static let maxEntries = 40
    private static let maxCharacters = 6_000

    private struct Entry: Sendable, Equatable {
        let role: Transcript.Role
        /// The model's item, or response.
        let id: String?
        /// Empty until it is known.
        var text: String
        /// As speech, 0 where that is not known.
        var spokenMs = 0
        var isCutOff = false
    }

    private var entries: [Entry] = []

    init() {}

    mutating func add(_ role: Transcript.Role, _ text: String, id: String? = nil, spokenMs: Int = 0) {
        guard !text.isEmpty else { return }
        self.append(Entry(role: role, id: id, text: String(text.prefix(1_000)), spokenMs: spokenMs))
    }

    /// The caller said something whose words come later: it keeps its place.
    mutating func expectWords(of itemID: String) {
        self.append(Entry(role: .user, id: itemID, text: ""))
    }

    /// The caller's words, which may come after the answer to them.
    mutating func caller(_ text: String, itemID: String) {
        guard let index = self.entries.firstIndex(where: { $0.id == itemID }) else {
            return self.add(.user, text, id: itemID)
        }
        self.entries[index].text = String(text.prefix(1_000))
    }

    /// Of a reply no more than this was heard. Words are taken to be spoken at an even pace.
    mutating func cut(_ id: String?, heardMs: Int) {
        guard let id, let index = self.entries.lastIndex(where: { $0.id == id }) else { return }
        let entry = self.entries[index]
        guard heardMs < entry.spokenMs else { return }
        let heard = entry.text.prefix(entry.text.count * max(0, heardMs) / entry.spokenMs)
        // A word that was begun was not heard.
        guard let end = heard.lastIndex(where: \.isWhitespace) else {
            self.entries.remove(at: index)
            return
        }
        self.entries[index].text = String(heard[..<end])
        self.entries[index].isCutOff = true
    }

    /// What will be said again is not told as said.
    mutating func takeBack(_ itemID: String?) {
        if let itemID { self.entries.removeAll { $0.id == itemID } }
    }

    mutating func takeBack(typed text: String) {
        let text = String(text.prefix(1_000))
        guard let index = self.entries.lastIndex(where: { $0.role == .user && $0.id == nil && $0.text == text }) else {
            return
        }
        self.entries.remove(at: index)
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

    private mutating func append(_ entry: Entry) {
        self.entries.append(entry)
        if self.entries.count > Self.maxEntries { self.entries.removeFirst() }
    }

    private func text(_ heading: String) -> String? {
        let lines = self.entries.filter { !$0.text.isEmpty }.map { entry in
            guard entry.role == .assistant else { return "Caller: \(entry.text)" }
            return entry.isCutOff ? "You, cut off: \(entry.text) …" : "You: \(entry.text)"
        }
        guard !lines.isEmpty else { return nil }
        return heading + "\n" + String(lines.joined(separator: "\n").suffix(Self.maxCharacters))
    }
}
