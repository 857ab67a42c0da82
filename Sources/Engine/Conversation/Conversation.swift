import JSON

/// The items of a session in order. Bounded: the oldest recordings lose their audio first, then the oldest items go.
struct Conversation: Sendable, Equatable {
    struct Limits: Sendable, Equatable {
        var maxItems = 1_000
        var maxTextBytes = 1 << 20
        var maxAudioBytes = 192_000
    }

    /// Where a new item goes.
    enum Place: Sendable, Equatable {
        case end
        /// The protocol's `root`.
        case start
        case after(String)
    }

    private let limits: Limits
    private(set) var items: [ConversationItem] = []
    private var textBytes = 0
    private var audioBytes = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    subscript(id: String) -> ConversationItem? {
        self.index(of: id).map { self.items[$0] }
    }

    /// The item before that one; nil for the first.
    func previous(of id: String) -> String? {
        guard let index = self.index(of: id), index > 0 else { return nil }
        return self.items[index - 1].id
    }

    /// Whether there is such a place.
    func has(_ place: Place) -> Bool {
        if case .after(let id) = place { self.index(of: id) != nil } else { true }
    }

    /// Adds an item; a place that does not exist is the end.
    mutating func insert(_ item: ConversationItem, at place: Place = .end) {
        let index =
            switch place {
            case .end: self.items.count
            case .start: 0
            case .after(let id): self.index(of: id).map { $0 + 1 } ?? self.items.count
            }
        self.items.insert(item, at: index)
        self.textBytes += item.textBytes
        self.audioBytes += item.audioBytes
        self.shrink()
    }

    mutating func replace(_ item: ConversationItem) {
        guard let index = self.index(of: item.id) else { return }
        self.textBytes += item.textBytes - self.items[index].textBytes
        self.audioBytes += item.audioBytes - self.items[index].audioBytes
        self.items[index] = item
        self.shrink()
    }

    @discardableResult
    mutating func remove(_ id: String) -> ConversationItem? {
        guard let index = self.index(of: id) else { return nil }
        let item = self.items.remove(at: index)
        self.textBytes -= item.textBytes
        self.audioBytes -= item.audioBytes
        return item
    }

    func hasCall(_ callID: String) -> Bool {
        self.items.contains { if case .functionCall(callID, _, _) = $0.body { true } else { false } }
    }

    private mutating func shrink() {
        for index in self.items.indices where self.audioBytes > self.limits.maxAudioBytes {
            self.audioBytes -= self.items[index].audioBytes
            self.items[index].dropAudio()
        }
        while self.items.count > 1, self.items.count > self.limits.maxItems || self.textBytes > self.limits.maxTextBytes
        {
            self.remove(self.items[0].id)
        }
    }

    /// From the end: what is asked for is nearly always new.
    private func index(of id: String) -> Int? {
        self.items.lastIndex { $0.id == id }
    }
}
