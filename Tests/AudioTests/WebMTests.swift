import Testing

@testable import Audio

@Suite struct WebMTests {
    static let prologue = WebMBuilder.header() + WebMBuilder.segment() + WebMBuilder.tracks() + WebMBuilder.cluster()

    @Test func `a recorder's first piece may be a single byte`() throws {
        let file = WebMBuilder.file(try OpusClip(milliseconds: 60))
        var decoder = try OpusStreamDecoder(.webm)
        var output: [Int16] = []
        try decoder.push([file[0]], into: &output)
        #expect(output.isEmpty)
        try decoder.push(file.dropFirst(), into: &output)
        try decoder.finish()
        #expect(output.count == 1_440)
    }

    @Test func `two recordings one after the other are both heard`() async throws {
        let file = WebMBuilder.file(try OpusClip(milliseconds: 100))
        #expect(try await decode(file + file).count == 4_800)
    }

    @Test func `other tracks and elements of any size are passed over`() async throws {
        let clip = try OpusClip(milliseconds: 60)
        let void = WebMBuilder.element([0xEC], [UInt8](repeating: 0xA3, count: 100_000))
        let other = WebMBuilder.simpleBlock([1, 2, 3], track: 2)
        let blocks = clip.packets.flatMap { other + void + WebMBuilder.simpleBlock($0) }
        #expect(try await decode(Self.prologue + blocks).count == clip.packets.count * 480 - OpusClip.preSkip / 2)
    }

    @Test func `packets laced in one block are all heard`() async throws {
        let packets = try OpusClip(milliseconds: 70).packets
        let joined = packets.flatMap { $0 }
        let sizes = packets.dropLast().map(\.count)
        let xiph = sizes.flatMap { [UInt8](repeating: 255, count: $0 / 255) + [UInt8($0 % 255)] }
        let differences = zip(sizes.dropFirst(), sizes).map { bigEndian(UInt16(0x4000 + $0 - $1 + 0x1FFF)) }
        let ebml = bigEndian(UInt16(0x4000 + sizes[0])) + differences.flatMap { $0 }
        let count = UInt8(sizes.count)
        for (flags, lengths) in [(0x82, xiph), (0x86, ebml)] as [(UInt8, [UInt8])] {
            let file = Self.prologue + WebMBuilder.simpleBlock([count] + lengths + joined, flags: flags)
            #expect(try await decode(file).count == packets.count * 480 - OpusClip.preSkip / 2)
        }
        let same = Self.prologue + WebMBuilder.simpleBlock([1] + packets[0] + packets[0], flags: 0x84)
        #expect(try await decode(same).count == 960 - OpusClip.preSkip / 2)
    }

    @Test func `a track without private data is primed as its delay says`() async throws {
        let delay = WebMBuilder.element([0x56, 0xAA], bigEndian(UInt32(6_500_000)))
        let tracks = WebMBuilder.tracks(head: nil, extra: delay)
        let packets = try OpusClip(milliseconds: 60).packets.flatMap { WebMBuilder.simpleBlock($0) }
        let file = WebMBuilder.header() + WebMBuilder.segment() + tracks + WebMBuilder.cluster() + packets
        #expect(try await decode(file).count == 4 * 480 - 156)
    }

    @Test func `what is not taken is refused by name`() async throws {
        let open = WebMBuilder.header() + WebMBuilder.segment()
        let refused: [([UInt8], AudioError.Code)] = [
            (open, .badAudio),
            (open + WebMBuilder.cluster() + WebMBuilder.simpleBlock([1, 2, 3]), .badAudio),
            (open + WebMBuilder.tracks(), .badAudio),
            (open + WebMBuilder.tracks(type: 1), .badAudio),
            (open + WebMBuilder.tracks(codec: "A_VORBIS"), .unsupportedFormat),
            (open + WebMBuilder.tracks(extra: WebMBuilder.element([0x6D, 0x80], [0])), .unsupportedFormat),
            (open + WebMBuilder.tracks(head: OpusClip.head(channels: 6)), .unsupportedFormat),
            (open + [0x16, 0x54, 0xAE, 0x6B] + WebMBuilder.unknownSize, .badAudio),
            (Self.prologue + [0xA3] + WebMBuilder.unknownSize, .badAudio),
            (Self.prologue + WebMBuilder.element([0xA3], [UInt8](repeating: 0, count: 70_000)), .badAudio),
            (Self.prologue + WebMBuilder.simpleBlock([]), .badAudio),
            (Self.prologue + [0x00, 0x80], .badAudio),
            (Self.prologue + WebMBuilder.simpleBlock([200, 1], flags: 0x82), .badAudio),
            (Self.prologue + WebMBuilder.simpleBlock([200, 0xBF, 0x80], flags: 0x86), .badAudio),
            (Self.prologue + WebMBuilder.simpleBlock([2, 1, 1], flags: 0x84), .badAudio),
        ]
        for (index, (file, code)) in refused.enumerated() {
            #expect(await refusal(of: file)?.code == code, "case \(index)")
        }
    }

    @Test func `clusters in clusters, a hundred thousand deep, cost neither stack nor memory`() async {
        let deep = (0..<100_000).flatMap { _ in [0x1F, 0x43, 0xB6, 0x75, 0xFF] as [UInt8] }
        #expect(await refusal(of: Self.prologue + deep)?.code == .badAudio)
    }
}
