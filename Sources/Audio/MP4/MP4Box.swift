/// One box of an MP4 file (ISO/IEC 14496-12): a size, four characters, and a body.
struct MP4Box {
    let type: FourCharacterCode
    let body: ArraySlice<UInt8>
    /// Where the box begins in the file.
    let offset: Int
}

/// Four bytes that name a box or a codec.
struct FourCharacterCode: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    private let bits: UInt32

    init(_ bits: UInt32) { self.bits = bits }

    init(stringLiteral text: String) { self.bits = text.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    var description: String {
        printable(ArraySlice([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self.bits >> $0) }))
    }
}

/// The boxes in a body, one after another.
struct MP4Boxes {
    private let name: String
    private let body: ArraySlice<UInt8>
    /// A file may be cut off inside its last box, a box may not.
    private let mayEndEarly: Bool

    init(_ body: ArraySlice<UInt8>, in name: String, mayEndEarly: Bool = false) {
        self.body = body
        self.name = name
        self.mayEndEarly = mayEndEarly
    }

    /// Calls `visit` for every box until it returns false.
    func forEach(_ visit: (MP4Box) throws(AudioError) -> Bool) throws(AudioError) {
        var rest = self.body
        while rest.count >= 8 {
            let (box, length) = try self.box(rest)
            guard try visit(box) else { return }
            rest = rest.dropFirst(length)
        }
    }

    func first(_ type: FourCharacterCode) throws(AudioError) -> MP4Box? {
        var found: MP4Box?
        try self.forEach { (box) throws(AudioError) in
            if box.type == type { found = box }
            return found == nil
        }
        return found
    }

    /// The body of the box at the end of a path, such as `mdia`, `minf`, `stbl`.
    func body(_ path: FourCharacterCode...) throws(AudioError) -> ArraySlice<UInt8>? {
        var boxes = self
        for (index, type) in path.enumerated() {
            guard let box = try boxes.first(type) else { return nil }
            if index == path.count - 1 { return box.body }
            boxes = MP4Boxes(box.body, in: type.description)
        }
        return nil
    }

    private func box(_ bytes: ArraySlice<UInt8>) throws(AudioError) -> (MP4Box, length: Int) {
        var reader = ByteReader(bytes, of: "mp4 box in \(self.name)")
        let size = try reader.bigEndian(UInt32.self)
        let type = FourCharacterCode(try reader.bigEndian(UInt32.self))
        // A size of one is followed by the real one, of zero means up to the end.
        let stated = size == 1 ? Int(clamping: try reader.bigEndian(UInt64.self)) : Int(size)
        let length = size == 0 || self.mayEndEarly ? min(size == 0 ? .max : stated, bytes.count) : stated
        guard length >= reader.offset, length <= bytes.count else {
            throw .bad("mp4 box \(type) of \(stated) bytes in \(bytes.count) bytes of \(self.name)")
        }
        let body = bytes.dropFirst(reader.offset).prefix(length - reader.offset)
        return (MP4Box(type: type, body: body, offset: bytes.startIndex), length)
    }
}
