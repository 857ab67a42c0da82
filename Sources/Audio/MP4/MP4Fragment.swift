/// Reads the boxes of a body forwards, those of one type only.
struct MP4BoxCursor {
    private var rest: ArraySlice<UInt8>

    init(_ body: ArraySlice<UInt8>) { self.rest = body }

    mutating func next(_ type: FourCharacterCode) throws(AudioError) -> MP4Box? {
        var found: MP4Box?
        try MP4Boxes(self.rest, in: "the file", mayEndEarly: true).forEach { (box) throws(AudioError) in
            self.rest = self.rest[box.body.endIndex...]
            if box.type == type { found = box }
            return found == nil
        }
        return found
    }
}

/// What `tfhd` says about the runs of one track in a fragment.
struct MP4Fragment {
    /// Where in the file data offsets count from.
    let base: Int
    let defaultSampleSize: Int

    /// Nil when the fragment is of another track.
    init?(_ traf: ArraySlice<UInt8>, moof: MP4Box, of file: MP4File) throws(AudioError) {
        guard let body = try MP4Boxes(traf, in: "traf").body("tfhd") else { throw .bad("mp4 box traf has no tfhd box") }
        var reader = ByteReader(body, of: "mp4 box tfhd")
        let flags = try reader.bigEndian(UInt32.self)
        guard try reader.bigEndian(UInt32.self) == file.track.id else { return nil }
        self.base = flags & 0x1 != 0 ? Int(clamping: try reader.bigEndian(UInt64.self)) : moof.offset
        if flags & 0x2 != 0 { try reader.skip(4) }
        if flags & 0x8 != 0 { try reader.skip(4) }
        self.defaultSampleSize = flags & 0x10 != 0 ? Int(try reader.bigEndian(UInt32.self)) : file.defaultSampleSize
    }
}

/// The samples of one `trun`, which lie one after another.
struct MP4FragmentRun {
    /// Where the first lies in the file.
    let offset: Int
    private let flags: UInt32
    private let defaultSampleSize: Int
    private var left: UInt32
    private var reader: ByteReader

    init(_ body: ArraySlice<UInt8>, of fragment: MP4Fragment, after end: Int) throws(AudioError) {
        self.reader = ByteReader(body, of: "mp4 box trun")
        self.flags = try self.reader.bigEndian(UInt32.self)
        self.left = try self.reader.bigEndian(UInt32.self)
        self.defaultSampleSize = fragment.defaultSampleSize
        if self.flags & 0x1 != 0 {
            let offset = Int32(bitPattern: try self.reader.bigEndian(UInt32.self))
            let (sum, overflow) = fragment.base.addingReportingOverflow(Int(offset))
            self.offset = overflow ? .max : sum
        } else {
            self.offset = end
        }
        if self.flags & 0x4 != 0 { try self.reader.skip(4) }
    }

    /// The size of the next sample; nil at the end.
    mutating func nextSize() throws(AudioError) -> Int? {
        guard self.left > 0 else { return nil }
        self.left -= 1
        if self.flags & 0x100 != 0 { try self.reader.skip(4) }
        let size = self.flags & 0x200 != 0 ? Int(try self.reader.bigEndian(UInt32.self)) : self.defaultSampleSize
        if self.flags & 0x400 != 0 { try self.reader.skip(4) }
        if self.flags & 0x800 != 0 { try self.reader.skip(4) }
        return size
    }
}
