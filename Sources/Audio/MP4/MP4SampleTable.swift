/// The tables of `stbl` that say where each sample lies; entries are read when they are needed, never expanded, because a
/// file of 5 KB can claim twenty million samples.
struct MP4SampleTable {
    /// `stco` or `co64`.
    let chunks: MP4Table
    /// `stsc`: first chunk, samples for each chunk, description.
    private let runs: MP4Table
    /// `stsz`, without entries when all samples are of one size.
    private let sizes: MP4Table
    private let constantSize: Int
    let sampleCount: Int

    /// Nil when the table is empty, as it is in a fragmented file.
    init?(_ body: ArraySlice<UInt8>) throws(AudioError) {
        let boxes = MP4Boxes(body, in: "stbl")
        guard let sizes = try boxes.body("stsz") else { return nil }
        var reader = ByteReader(sizes, of: "mp4 box stsz")
        try reader.skip(4)
        self.constantSize = Int(try reader.bigEndian(UInt32.self))
        self.sampleCount = Int(try reader.bigEndian(UInt32.self))
        guard self.sampleCount > 0 else { return nil }
        self.sizes = try MP4Table(
            reader.rest, count: self.constantSize == 0 ? self.sampleCount : 0, width: 4, of: "mp4 box stsz")
        guard let runs = try boxes.body("stsc") else { throw .bad("mp4 sample table has no stsc box") }
        self.runs = try MP4Table(runs, width: 12, of: "mp4 box stsc")
        if let offsets = try boxes.body("stco") {
            self.chunks = try MP4Table(offsets, width: 4, of: "mp4 box stco")
        } else if let offsets = try boxes.body("co64") {
            self.chunks = try MP4Table(offsets, width: 8, of: "mp4 box co64")
        } else {
            throw .bad("mp4 sample table has neither stco nor co64 box")
        }
    }

    func size(of sample: Int) throws(AudioError) -> Int {
        self.constantSize > 0 ? self.constantSize : try self.sizes.value(sample)
    }

    func offset(of chunk: Int) throws(AudioError) -> Int { try self.chunks.value(chunk) }

    func samples(inRun run: Int) throws(AudioError) -> Int { try self.runs.value(run, at: 4) }

    /// The run that chunk belongs to, sought forwards; chunks count from one there.
    func run(of chunk: Int, from run: Int) throws(AudioError) -> Int {
        var run = run
        while run + 1 < self.runs.count, try self.runs.value(run + 1) <= chunk + 1 { run += 1 }
        return run
    }
}

/// Entries of a fixed width, big-endian.
struct MP4Table {
    let count: Int
    private let entries: ArraySlice<UInt8>
    private let width: Int
    private let name: String

    /// Reads the version, flags and count before the entries.
    init(_ body: ArraySlice<UInt8>, width: Int, of name: String) throws(AudioError) {
        var reader = ByteReader(body, of: name)
        try reader.skip(4)
        let count = Int(try reader.bigEndian(UInt32.self))
        try self.init(reader.rest, count: count, width: width, of: name)
    }

    init(_ entries: ArraySlice<UInt8>, count: Int, width: Int, of name: String) throws(AudioError) {
        guard count <= entries.count / width else {
            throw .bad("\(name) claims \(count) entries in \(entries.count) bytes")
        }
        self.count = count
        self.entries = entries
        self.width = width
        self.name = name
    }

    /// The number at `offset` of an entry: 64 bits when the entry is eight bytes wide, else 32.
    func value(_ index: Int, at offset: Int = 0) throws(AudioError) -> Int {
        guard 0..<self.count ~= index else { throw .bad("\(self.name) has \(self.count) entries, not \(index + 1)") }
        var reader = ByteReader(self.entries.dropFirst(index * self.width + offset), of: self.name)
        if self.width == 8 { return Int(clamping: try reader.bigEndian(UInt64.self)) }
        return Int(try reader.bigEndian(UInt32.self))
    }
}
