/// The first audio track of a `Tracks` element, which must be Opus.
struct WebMTrack {
    let number: Int
    let head: OpusHead

    private typealias Fields = [UInt32: ArraySlice<UInt8>]

    private enum ID {
        static let trackEntry: UInt32 = 0xAE
        static let number: UInt32 = 0xD7
        static let type: UInt32 = 0x83
        static let codec: UInt32 = 0x86
        static let codecPrivate: UInt32 = 0x63A2
        static let codecDelay: UInt32 = 0x56AA
        static let contentEncodings: UInt32 = 0x6D80
    }

    init(tracks body: ArraySlice<UInt8>) throws(AudioError) {
        var reader = EBMLReader(body)
        while let child = try reader.next() {
            guard child.id == ID.trackEntry, let track = try Self.audioTrack(child.body) else { continue }
            self = track
            return
        }
        throw .bad("webm has no audio track")
    }

    private init(number: Int, head: OpusHead) {
        self.number = number
        self.head = head
    }

    private static func audioTrack(_ entry: ArraySlice<UInt8>) throws(AudioError) -> WebMTrack? {
        var fields: Fields = [:]
        var reader = EBMLReader(entry)
        while let child = try reader.next() { fields[child.id] = child.body }
        guard try EBMLReader.unsigned(fields[ID.type, default: []]) == 2 else { return nil }
        let codec = fields[ID.codec, default: []].prefix { $0 != 0 }
        guard codec.elementsEqual("A_OPUS".utf8) else {
            throw .unsupported("webm audio codec \(printable(codec)); A_OPUS is taken")
        }
        guard fields[ID.contentEncodings] == nil else {
            throw .unsupported("webm audio that is compressed again or encrypted")
        }
        let number = try EBMLReader.unsigned(fields[ID.number, default: []])
        return WebMTrack(number: Int(clamping: number), head: try self.head(fields))
    }

    /// `CodecPrivate` is an `OpusHead`; a writer without one may still state the delay in nanoseconds.
    private static func head(_ fields: Fields) throws(AudioError) -> OpusHead {
        if let head = fields[ID.codecPrivate], !head.isEmpty { return try OpusHead(head) }
        let delay = try EBMLReader.unsigned(fields[ID.codecDelay, default: []])
        // No encoder has a delay of a second.
        return OpusHead(preSkip: Int(min(delay, 1_000_000_000) * 48 / 1_000_000))
    }
}

/// The letters, digits and signs among at most 32 bytes, for a sentence about a name that was found.
func printable(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix(32).filter { 0x20...0x7E ~= $0 }, as: UTF8.self)
}
