import Testing

@testable import Audio

@Suite struct MP4Tests {
    @Test func `codecs that are not taken are refused by name`() async throws {
        let clip = try OpusClip(milliseconds: 20)
        for codec in ["alac", "samr", "enca", "ac-3"] {
            let error = await refusal(of: MP4Builder.file(clip, codec: codec))
            #expect(error?.code == .unsupportedFormat && error?.message.contains(codec) == true)
        }
    }

    @Test func `a recording that was not finished is told so`() async {
        let error = await refusal(of: MP4Builder.ftyp + MP4Builder.box("mdat", [1, 2, 3]))
        #expect(error?.code == .badAudio && error?.message.contains("moov") == true)
    }

    @Test func `a table that claims millions of samples in a small file costs nothing`() async throws {
        let count = bigEndian(UInt32(20_000_000))
        let runs = MP4Builder.fullBox("stsc", [1, 1, 20_000_000, 1].flatMap { bigEndian(UInt32($0)) })
        let chunks = MP4Builder.fullBox("stco", [1, 0].flatMap { bigEndian(UInt32($0)) })
        for size in [0, 1] as [UInt32] {
            let sizes = MP4Builder.fullBox("stsz", bigEndian(size) + count)
            let moov = MP4Builder.moov(codec: "Opus", tables: runs + sizes + chunks, edit: [])
            let error = await refusal(of: MP4Builder.ftyp + moov)
            #expect([.badAudio, .tooLarge].contains(error?.code))
        }
    }

    @Test func `chunks that all lie at one place are bounded by the limits`() async throws {
        let clip = try OpusClip(milliseconds: 20)
        let offsets = [UInt32](repeating: UInt32(MP4Builder.ftyp.count + 8), count: 20_000)
        let tables =
            MP4Builder.fullBox("stsc", [1, 1, 1, 1].flatMap { bigEndian(UInt32($0)) })
            + MP4Builder.fullBox("stsz", bigEndian(UInt32(clip.packets[0].count)) + bigEndian(UInt32(20_000)))
            + MP4Builder.fullBox("stco", bigEndian(UInt32(20_000)) + offsets.flatMap { bigEndian($0) })
        let file =
            MP4Builder.ftyp + MP4Builder.box("mdat", clip.packets[0])
            + MP4Builder.moov(codec: "Opus", tables: tables, edit: [])
        #expect(await refusal(of: file)?.code == .tooLarge)
    }

    @Test func `boxes in boxes cost no stack`() async {
        var deep: [UInt8] = []
        for _ in 0..<2_000 { deep = MP4Builder.box("moov", deep) }
        #expect(await refusal(of: MP4Builder.ftyp + deep)?.code == .badAudio)
    }
}
