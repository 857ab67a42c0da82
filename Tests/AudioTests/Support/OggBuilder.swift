@testable import Audio

/// Builds Ogg pages with right checksums.
enum OggBuilder {
    static func page(
        _ packets: [[UInt8]], flags: UInt8 = 0, granule: Int64, serial: UInt32 = 7, sequence: UInt32 = 0
    ) -> [UInt8] {
        let lacing = packets.flatMap { [UInt8](repeating: 255, count: $0.count / 255) + [UInt8($0.count % 255)] }
        return self.page(
            lacing: lacing, packets.flatMap { $0 }, flags: flags, granule: granule, serial: serial, sequence: sequence)
    }

    static func page(
        lacing: [UInt8], _ payload: [UInt8], flags: UInt8, granule: Int64, serial: UInt32 = 7, sequence: UInt32 = 0
    ) -> [UInt8] {
        let head = ascii("OggS") + [0, flags] + littleEndian(granule) + littleEndian(serial) + littleEndian(sequence)
        return self.checked(head + [0, 0, 0, 0, UInt8(lacing.count)] + lacing + payload)
    }

    /// A page with its checksum put right.
    static func checked(_ page: [UInt8]) -> [UInt8] {
        guard page.count >= 27 else { return page }
        return page.prefix(22) + littleEndian(OggChecksum.of(page[...])) + page.dropFirst(26)
    }

    /// The head, comments in two pages, then five packets a page; the last page's granule cuts the padding.
    static func pages(_ clip: OpusClip, serial: UInt32 = 7, gain: Int16 = 0) -> [[UInt8]] {
        let tags = ascii("OpusTags") + [UInt8](repeating: 0x20, count: 502)
        var pages = [
            self.page([OpusClip.head(gain: gain)], flags: 2, granule: 0, serial: serial),
            self.page(lacing: [255], Array(tags.prefix(255)), flags: 0, granule: -1, serial: serial, sequence: 1),
            self.page(lacing: [255, 0], Array(tags.dropFirst(255)), flags: 1, granule: 0, serial: serial, sequence: 2),
        ]
        for begin in stride(from: 0, to: clip.packets.count, by: 5) {
            let end = min(begin + 5, clip.packets.count)
            let isLast = end == clip.packets.count
            pages.append(
                self.page(
                    Array(clip.packets[begin..<end]), flags: isLast ? 4 : 0,
                    granule: Int64(isLast ? OpusClip.preSkip + clip.length : end * 960), serial: serial,
                    sequence: UInt32(pages.count)))
        }
        return pages
    }

    static func file(_ clip: OpusClip, gain: Int16 = 0) -> [UInt8] { self.pages(clip, gain: gain).flatMap { $0 } }
}
