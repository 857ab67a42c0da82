/// Builds WebM as a browser's recorder does: Segment and Cluster without a size.
enum WebMBuilder {
    static let unknownSize: [UInt8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]

    static func element(_ id: [UInt8], _ body: [UInt8]) -> [UInt8] {
        id + (body.count < 127 ? [0x80 | UInt8(body.count)] : bigEndian(UInt32(body.count) | 0x1000_0000)) + body
    }

    static func header() -> [UInt8] {
        self.element([0x1A, 0x45, 0xDF, 0xA3], self.element([0x42, 0x82], ascii("webm")))
    }

    static func tracks(
        codec: String = "A_OPUS", type: UInt8 = 2, head: [UInt8]? = OpusClip.head(), extra: [UInt8] = []
    ) -> [UInt8] {
        let entry =
            self.element([0xD7], [1]) + self.element([0x83], [type]) + self.element([0x86], ascii(codec))
            + (head.map { self.element([0x63, 0xA2], $0) } ?? []) + extra
            + self.element([0xE1], self.element([0x9F], [1]))
        return self.element([0x16, 0x54, 0xAE, 0x6B], self.element([0xAE], entry))
    }

    static func segment() -> [UInt8] { [0x18, 0x53, 0x80, 0x67] + self.unknownSize }

    static func cluster() -> [UInt8] { [0x1F, 0x43, 0xB6, 0x75] + self.unknownSize + self.element([0xE7], [0]) }

    static func block(_ payload: [UInt8], flags: UInt8 = 0x80, track: UInt8 = 1) -> [UInt8] {
        [0x80 | track, 0, 0, flags] + payload
    }

    static func simpleBlock(_ payload: [UInt8], flags: UInt8 = 0x80, track: UInt8 = 1) -> [UInt8] {
        self.element([0xA3], self.block(payload, flags: flags, track: track))
    }

    static func blockGroup(_ packet: [UInt8], discardPadding nanoseconds: Int) -> [UInt8] {
        let padding = self.element([0x75, 0xA2], bigEndian(Int32(nanoseconds)))
        return self.element([0xA0], self.element([0xA1], self.block(packet, flags: 0)) + padding)
    }

    /// A recording: the last packet sits in a group that tells its padding; a new cluster begins every ten packets.
    static func file(_ clip: OpusClip) -> [UInt8] {
        var bytes =
            self.header() + self.segment() + self.element([0xEC], [UInt8](repeating: 0, count: 200)) + self.tracks()
        for (index, packet) in clip.packets.enumerated() {
            if index.isMultiple(of: 10) { bytes += self.cluster() }
            let isLast = index == clip.packets.count - 1
            bytes +=
                isLast
                ? self.blockGroup(packet, discardPadding: clip.padding * 1_000_000 / 48) : self.simpleBlock(packet)
        }
        return bytes
    }
}
