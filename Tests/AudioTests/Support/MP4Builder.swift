@testable import Audio

/// Builds MP4 with one audio track, whole or in fragments.
enum MP4Builder {
    static func box(_ type: String, _ body: [UInt8]) -> [UInt8] {
        bigEndian(UInt32(body.count + 8)) + ascii(type) + body
    }

    static func fullBox(_ type: String, flags: UInt32 = 0, _ body: [UInt8]) -> [UInt8] {
        self.box(type, bigEndian(flags) + body)
    }

    static let ftyp = MP4Builder.box("ftyp", ascii("isom") + [0, 0, 2, 0] + ascii("isomiso2"))

    /// `tables` are the boxes of `stbl` after `stsd`; an edit hides the priming and, in whole files, the padding.
    static func moov(codec: String, tables: [UInt8], edit: [UInt8], extra: [UInt8] = []) -> [UInt8] {
        let dOps =
            [0, 1] + bigEndian(UInt16(OpusClip.preSkip)) + bigEndian(UInt32(48_000)) + [0, 0, 0]
        let fields =
            [UInt8](repeating: 0, count: 6) + [0, 1] + [UInt8](repeating: 0, count: 8) + [0, 1, 0, 16, 0, 0, 0, 0]
        let entry = self.box(codec, fields + bigEndian(UInt32(48_000) << 16) + self.box("dOps", dOps))
        let stsd = self.fullBox("stsd", bigEndian(UInt32(1)) + entry)
        let times = bigEndian(UInt32(0)) + bigEndian(UInt32(0))
        let mdia =
            self.fullBox("mdhd", times + bigEndian(UInt32(48_000)) + bigEndian(UInt32(0)) + [0, 0, 0, 0])
            + self.fullBox("hdlr", [0, 0, 0, 0] + ascii("soun") + [UInt8](repeating: 0, count: 13))
            + self.box("minf", self.box("stbl", stsd + tables))
        let trak =
            self.fullBox("tkhd", times + bigEndian(UInt32(1)) + [UInt8](repeating: 0, count: 68)) + edit
            + self.box("mdia", mdia)
        let mvhd = self.fullBox("mvhd", times + bigEndian(UInt32(48_000)) + [UInt8](repeating: 0, count: 84))
        return self.box("moov", mvhd + self.box("trak", trak) + extra)
    }

    static func edit(duration: Int, begin: Int) -> [UInt8] {
        let entry = bigEndian(UInt32(duration)) + bigEndian(Int32(begin)) + [0, 1, 0, 0]
        return self.box("edts", self.fullBox("elst", bigEndian(UInt32(1)) + entry))
    }

    /// `moov` last, as a recorder writes it; three samples in the first chunk, two in each other.
    static func file(_ clip: OpusClip, codec: String = "Opus", wide: Bool = false) -> [UInt8] {
        let begin = self.ftyp.count + 8
        var (offsets, sample, offset) = ([Int](), 0, begin)
        while sample < clip.packets.count {
            offsets.append(offset)
            let count = min(offsets.count == 1 ? 3 : 2, clip.packets.count - sample)
            offset += clip.packets[sample..<(sample + count)].reduce(0) { $0 + $1.count }
            sample += count
        }
        let runs = [1, 3, 1, 2, 2, 1].flatMap { bigEndian(UInt32($0)) }
        let tables =
            self.fullBox("stsc", bigEndian(UInt32(2)) + runs)
            + self.fullBox(
                "stsz",
                bigEndian(UInt32(0)) + bigEndian(UInt32(clip.packets.count))
                    + clip.packets.flatMap { bigEndian(UInt32($0.count)) })
            + self.fullBox(
                wide ? "co64" : "stco",
                bigEndian(UInt32(offsets.count))
                    + offsets.flatMap { wide ? bigEndian(UInt64($0)) : bigEndian(UInt32($0)) })
        let edit = self.edit(duration: clip.length, begin: OpusClip.preSkip)
        return self.ftyp + self.box("mdat", clip.packets.flatMap { $0 })
            + self.moov(codec: codec, tables: tables, edit: edit)
    }

    /// As a browser records: an empty sample table, then a fragment for every five packets.
    static func fragmented(_ clip: OpusClip) -> [UInt8] {
        let empty =
            self.fullBox("stsc", bigEndian(UInt32(0))) + self.fullBox("stsz", bigEndian(UInt64(0)))
            + self.fullBox("stco", bigEndian(UInt32(0)))
        let trex = self.fullBox("trex", [1, 1, 960, 0, 0].flatMap { bigEndian(UInt32($0)) })
        var file = self.ftyp + self.moov(codec: "Opus", tables: empty, edit: [], extra: self.box("mvex", trex))
        for begin in stride(from: 0, to: clip.packets.count, by: 5) {
            let packets = clip.packets[begin..<min(begin + 5, clip.packets.count)]
            let sizes = packets.flatMap { bigEndian(UInt32($0.count)) }
            let trunSize = 20 + sizes.count
            let moofSize = 8 + 16 + 8 + 16 + trunSize
            let trun = self.fullBox(
                "trun", flags: 0x201, bigEndian(UInt32(packets.count)) + bigEndian(Int32(moofSize + 8)) + sizes)
            let traf = self.box("traf", self.fullBox("tfhd", flags: 0x20000, bigEndian(UInt32(1))) + trun)
            file += self.box("moof", self.fullBox("mfhd", bigEndian(UInt32(1))) + traf)
            file += self.box("mdat", packets.flatMap { $0 })
        }
        return file
    }
}
