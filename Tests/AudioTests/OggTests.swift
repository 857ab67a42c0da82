import Testing

@testable import Audio

@Suite struct OggTests {
    @Test func `the checksum is that of the format`() {
        // The polynomial itself is what a single bit gives.
        #expect(OggChecksum.of([1]) == 0x04C1_1DB7)
        #expect(OggChecksum.of([0, 0, 0]) == 0)
    }

    @Test func `a page with a wrong checksum is refused`() async throws {
        var file = OggBuilder.file(try OpusClip(milliseconds: 100))
        file[file.count - 10] ^= 1
        let error = await refusal(of: file)
        #expect(error?.code == .badAudio && error?.message.contains("checksum") == true)
    }

    @Test func `a packet that goes on over pages is put together`() async throws {
        let clip = try OpusClip(milliseconds: 500, bitsPerSecond: 256_000)
        let packets = clip.packets
        let payload = packets.flatMap { $0 }
        let lacing = packets.flatMap { [UInt8](repeating: 255, count: $0.count / 255) + [UInt8($0.count % 255)] }
        var file = OggBuilder.pages(clip).prefix(3).flatMap { $0 }
        var (segment, byte) = (0, 0)
        while segment < lacing.count {
            let part = lacing[segment..<min(segment + 1, lacing.count)]
            let size = part.reduce(0) { $0 + Int($1) }
            let continues: UInt8 = segment > 0 && lacing[segment - 1] == 255 ? 1 : 0
            file += OggBuilder.page(
                lacing: Array(part), Array(payload[byte..<(byte + size)]), flags: continues, granule: -1)
            (segment, byte) = (segment + 1, byte + size)
        }
        #expect(try await decode(file).count == packets.count * 480 - OpusClip.preSkip / 2)
    }

    @Test func `the end of a packet whose begin was lost is dropped`() async throws {
        let clip = try OpusClip(milliseconds: 100)
        let orphan = OggBuilder.page(lacing: [20], [UInt8](repeating: 1, count: 20), flags: 1, granule: 0)
        let pages = OggBuilder.pages(clip)
        let file = (pages.prefix(3) + [orphan] + pages.dropFirst(3)).flatMap { $0 }
        #expect(try await decode(file).count == 2_400)
    }

    @Test func `pages of other streams are passed over`() async throws {
        let pages = OggBuilder.pages(try OpusClip(milliseconds: 100))
        let skeleton = OggBuilder.page([ascii("fishead\0")], flags: 2, granule: 0, serial: 1)
        let data = OggBuilder.page([[1, 2, 3]], granule: 5, serial: 1)
        let file = skeleton + pages.flatMap { $0 + data }
        #expect(try await decode(file).count == 2_400)
    }

    @Test func `two recordings one after the other are both heard`() async throws {
        let clip = try OpusClip(milliseconds: 100)
        let file = (OggBuilder.pages(clip) + OggBuilder.pages(clip, serial: 8)).flatMap { $0 }
        #expect(try await decode(file).count == 4_800)
    }

    @Test func `a stream that begins in the middle of a broadcast keeps all its samples`() async throws {
        let clip = try OpusClip(milliseconds: 200)
        let head = OggBuilder.pages(clip).prefix(3).flatMap { $0 }
        let file = head + OggBuilder.page(clip.packets, flags: 4, granule: 1_000_000)
        #expect(try await decode(file).count == clip.packets.count * 480 - OpusClip.preSkip / 2)
    }

    @Test func `the head's gain is applied`() async throws {
        let clip = try OpusClip(milliseconds: 1_000)
        let output = try await decode(OggBuilder.file(clip, gain: -6 * 256))
        #expect(abs(Tone.level(of: output) + 6) < 0.5)
    }

    @Test func `what is not taken is refused`() async throws {
        let vorbis = OggBuilder.page([[1] + ascii("vorbis")], flags: 2, granule: 0)
        #expect(await refusal(of: vorbis)?.code == .badAudio)
        #expect(await refusal(of: vorbis + OggBuilder.page([[3]], granule: 0))?.code == .unsupportedFormat)
        let surround = OggBuilder.page(
            [OpusHead.magic + [1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 2]], flags: 2, granule: 0)
        #expect(await refusal(of: surround)?.code == .unsupportedFormat)
        let pages = OggBuilder.pages(try OpusClip(milliseconds: 20))
        #expect(await refusal(of: pages[0])?.code == .badAudio)
        #expect(await refusal(of: pages.prefix(3).flatMap { $0 })?.code == .badAudio)
        #expect(await refusal(of: pages[0] + [0] + pages[1])?.code == .badAudio)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `pages with flipped bits and right checksums only throw`(seed: UInt64) async throws {
        let pages = OggBuilder.pages(try OpusClip(milliseconds: 300))
        var random = SeededGenerator(seed)
        for _ in 0..<500 {
            let file = pages.flatMap { OggBuilder.checked(random.damaged($0)) }
            _ = await refusal(of: file)
        }
    }

    @Test func `a packet without an end is refused once it is too long`() async throws {
        let pages = OggBuilder.pages(try OpusClip(milliseconds: 20)).prefix(3).flatMap { $0 }
        let endless = OggBuilder.page(
            lacing: [UInt8](repeating: 255, count: 200), [UInt8](repeating: 0, count: 51_000), flags: 0, granule: -1)
        let more = OggBuilder.page(
            lacing: [UInt8](repeating: 255, count: 200), [UInt8](repeating: 0, count: 51_000), flags: 1, granule: -1)
        #expect(await refusal(of: pages + endless + more)?.message.contains("61440") == true)
    }
}
