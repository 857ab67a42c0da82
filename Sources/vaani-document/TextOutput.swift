/// Text on its way out: no more than a limit, in chunks, and without what no text is made of.
struct TextOutput: Equatable {
    private static let chunkBytes = 64 << 10

    private let limit: Int
    private var written = 0
    private(set) var waiting: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Control characters but tabs and line feeds are left out: form feeds between pages, and what a hostile file hides.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(ReadFailure) {
        let before = self.waiting.count
        self.waiting += bytes.lazy.filter { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x09 }
        self.written += self.waiting.count - before
        guard self.written <= self.limit else {
            throw ReadFailure(.tooLong, "the document has more than \(self.limit) bytes of text")
        }
    }

    /// - Returns: whether anybody still wants it.
    mutating func flushIfFull(_ emit: ([UInt8]) -> Bool) -> Bool {
        self.waiting.count < Self.chunkBytes || self.flush(emit)
    }

    mutating func flush(_ emit: ([UInt8]) -> Bool) -> Bool {
        defer { self.waiting = [] }
        return self.waiting.isEmpty || emit(self.waiting)
    }
}
