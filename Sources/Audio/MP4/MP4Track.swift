/// What `trak` says about an audio track.
struct MP4Track {
    let id: UInt32
    /// `mp4a`, `Opus` and so on.
    let codec: FourCharacterCode
    /// Of an Opus track.
    let opus: OpusHead?
    /// Samples at 48 kHz, priming included, after which the edit list ends the track; nil when it does not say.
    let end: Int?
    /// The sample table, empty in a fragmented file.
    let sampleTable: ArraySlice<UInt8>

    /// Nil for a track that is no audio.
    init?(_ trak: MP4Boxes, movieTimescale: UInt32) throws(AudioError) {
        guard let handler = try trak.body("mdia", "hdlr"), handler.dropFirst(8).starts(with: "soun".utf8) else {
            return nil
        }
        guard let header = try trak.body("tkhd"), let media = try trak.body("mdia", "mdhd"),
            let table = try trak.body("mdia", "minf", "stbl"), let entry = try Self.sampleEntry(table)
        else { throw .bad("mp4 audio track lacks one of tkhd, mdhd, stbl and stsd") }
        let edit = try trak.body("edts", "elst").flatMap { (body) throws(AudioError) in try MP4Edit(body) }
        let head = entry.type == "Opus" ? try Self.opusHead(entry) : nil
        let begin = edit?.begin(timescale: try Self.timescale(media)) ?? 0
        self.id = try Self.trackID(header)
        self.codec = entry.type
        self.sampleTable = table
        // Writers state the priming in either place or in both.
        self.opus = head.map { OpusHead(preSkip: max($0.preSkip, begin), gain: $0.gain) }
        self.end = edit?.duration(timescale: movieTimescale).map { begin + $0 }
    }

    /// Ticks for each second, from `mvhd` or `mdhd`.
    static func timescale(_ body: ArraySlice<UInt8>) throws(AudioError) -> UInt32 {
        var reader = ByteReader(body, of: "mp4 box mvhd or mdhd")
        let isLong = try reader.bigEndian(UInt32.self) >> 24 == 1
        try reader.skip(isLong ? 16 : 8)
        return try reader.bigEndian(UInt32.self)
    }

    private static func trackID(_ body: ArraySlice<UInt8>) throws(AudioError) -> UInt32 {
        var reader = ByteReader(body, of: "mp4 box tkhd")
        let isLong = try reader.bigEndian(UInt32.self) >> 24 == 1
        try reader.skip(isLong ? 16 : 8)
        return try reader.bigEndian(UInt32.self)
    }

    private static func sampleEntry(_ table: ArraySlice<UInt8>) throws(AudioError) -> MP4Box? {
        guard let description = try MP4Boxes(table, in: "stbl").body("stsd") else { return nil }
        var entry: MP4Box?
        try MP4Boxes(description.dropFirst(8), in: "stsd").forEach { (box) throws(AudioError) in
            entry = box
            return false
        }
        return entry
    }

    /// The fixed fields of an audio sample entry take 28 bytes, then boxes follow.
    private static func opusHead(_ entry: MP4Box) throws(AudioError) -> OpusHead {
        guard let body = try MP4Boxes(entry.body.dropFirst(28), in: "Opus").body("dOps") else {
            throw .bad("mp4 opus track has no dOps box")
        }
        return try OpusHead(dOps: body)
    }
}

/// The one edit of a track's edit list that shows media.
struct MP4Edit {
    private let mediaTime: Int64
    private let segmentDuration: UInt64

    /// Nil when the list shows no media, or several parts of it, which no recorder does.
    init?(_ body: ArraySlice<UInt8>) throws(AudioError) {
        var reader = ByteReader(body, of: "mp4 box elst")
        let isLong = try reader.bigEndian(UInt32.self) >> 24 == 1
        let count = try reader.bigEndian(UInt32.self)
        var edits: [(UInt64, Int64)] = []
        for _ in 0..<min(count, 8) {
            let duration = isLong ? try reader.bigEndian(UInt64.self) : UInt64(try reader.bigEndian(UInt32.self))
            let time =
                isLong
                ? Int64(bitPattern: try reader.bigEndian(UInt64.self))
                : Int64(Int32(bitPattern: try reader.bigEndian(UInt32.self)))
            try reader.skip(4)
            if time >= 0 { edits.append((duration, time)) }
        }
        guard edits.count == 1 else { return nil }
        (self.segmentDuration, self.mediaTime) = edits[0]
    }

    /// Samples at 48 kHz before the first that is heard.
    func begin(timescale: UInt32) -> Int { Self.samples(Double(self.mediaTime), timescale: timescale) }

    /// Samples at 48 kHz that are heard; nil when the edit lasts as long as the media.
    func duration(timescale: UInt32) -> Int? {
        guard self.segmentDuration > 0, timescale > 0 else { return nil }
        return Self.samples(Double(self.segmentDuration), timescale: timescale)
    }

    private static func samples(_ ticks: Double, timescale: UInt32) -> Int {
        timescale == 0 ? 0 : Int(min(ticks * 48_000 / Double(timescale), 1e12))
    }
}
