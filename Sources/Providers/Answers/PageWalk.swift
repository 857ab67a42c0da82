/// Walks through a list that comes in pages, and never for ever: a provider may count wrongly, repeat itself, or add
/// while one reads.
struct PageWalk: Sendable, Equatable {
    /// What is asked for at once; a provider may give fewer.
    static let size = 100
    static let maxPages = 100

    /// The next page, as the provider counts.
    private(set) var page: Int
    private var pages = 0
    private var known: Set<String> = []
    /// Whether there was more than could be looked at.
    private(set) var isCut = false

    /// - Parameter first: 0 or 1, as the provider counts.
    init(first: Int) {
        self.page = first
    }

    /// Takes note of a page.
    ///
    /// - Returns: whether there is another.
    mutating func took(_ ids: [String], total: Int?) -> Bool {
        let before = self.known.count
        self.known.formUnion(ids)
        self.pages += 1
        self.page += 1
        // A page that brings nothing new is the last, whatever the count says.
        guard self.known.count > before, self.known.count < total ?? .max else { return false }
        self.isCut = self.pages == Self.maxPages
        return !self.isCut
    }
}
