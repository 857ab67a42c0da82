import Audio
import ClientProtocol
import Testing

@testable import LoadTest

@Suite struct MarkerTests {
    /// The sound of the synthetic microphone after two codecs, as a user gets it back.
    private func echo(_ chunkMilliseconds: Int, packets: Int) throws -> [[Int16]] {
        let microphone = OpusMessages(chunkMilliseconds: chunkMilliseconds)
        var gatewayDecoder = try OpusDecoder(), userDecoder = try OpusDecoder()
        var encoder = try OpusEncoder(frameMs: chunkMilliseconds)
        return try (0..<packets).map { index in
            var heard: [Int16] = [], back: [Int16] = []
            try gatewayDecoder.decode(Array(microphone.packet(index)), into: &heard)
            try userDecoder.decode(encoder.encode(heard), into: &back)
            return back
        }
    }

    @Test(arguments: [20, 40]) func `each marker is in one packet of a second, after two codecs`(milliseconds: Int)
        throws
    {
        let period = Marker.period(chunkMilliseconds: milliseconds)
        let found = try self.echo(milliseconds, packets: 8 * period).map { Marker.find(in: $0[...]) }
        let expected = (0..<8 * period).map { $0 % period == 1 ? $0 / period % 4 : nil }
        #expect(found == expected)
    }

    @Test func `a packet that is lost moves the markers`() throws {
        let packets = try self.echo(20, packets: 60)
        #expect(Marker.find(in: packets[51][...]) == 1)
        #expect(Marker.find(in: packets[50][...]) == nil && Marker.find(in: packets[52][...]) == nil)
    }
}

@Suite struct PacketTrackTests {
    private static let step: UInt64 = 20_000_000

    /// Sends packets 20 ms apart and hears them, each `delay` packets later, but for those that are lost.
    private func run(
        _ count: Int, delay: Int = 1, lost: Set<Int> = [], silent: Set<Int> = [], interruptedAt: Int? = nil
    ) -> [PacketTrack.Heard] {
        var track = PacketTrack(chunkMilliseconds: 20)
        var heard: [PacketTrack.Heard] = []
        var position = 0
        for index in 0..<count {
            track.send(at: UInt64(index) * Self.step, isVoiced: !silent.contains(index))
            if index == interruptedAt { track.interrupt() }
            let arriving = index - delay
            guard arriving >= 0, !lost.contains(arriving) else { continue }
            let isMarked = arriving % 50 == 1 && !silent.contains(arriving)
            if let known = track.hear(position, marker: isMarked ? arriving / 50 % 4 : nil) { heard.append(known) }
            position += 1
        }
        return heard
    }

    @Test func `packets are known from the first marker on`() {
        let heard = self.run(300)
        let expected = (1..<299).map { PacketTrack.Heard(index: $0, sentAt: UInt64($0) * Self.step) }
        #expect(heard == expected)
    }

    @Test(arguments: [0, 1, 10, 190]) func `a delay below a cycle is told`(delay: Int) {
        let heard = self.run(500, delay: delay)
        #expect(heard.first?.index == 1)
        #expect(heard.last?.index == 499 - delay)
    }

    @Test func `a loss shows at the next marker and is counted once`() {
        let heard = self.run(300, lost: [120, 121])
        #expect(heard.reduce(0) { $0 + $1.lost } == 2)
        #expect(heard.first { $0.lost > 0 }?.index == 151 || heard.first { $0.lost > 0 }?.index == 201)
        #expect(heard.last == PacketTrack.Heard(index: 298, sentAt: 298 * Self.step))
    }

    @Test func `what an interruption cuts off is not lost`() {
        let heard = self.run(300, lost: Set(100..<110), interruptedAt: 110)
        #expect(heard.allSatisfy { $0.lost == 0 })
        #expect(heard.last?.index == 298)
    }

    @Test func `silence has no markers and changes nothing`() {
        let heard = self.run(400, silent: Set(90..<210))
        #expect(heard.map(\.index) == Array(1..<399))
    }

    @Test func `little is decoded once the place is known`() {
        var track = PacketTrack(chunkMilliseconds: 20)
        #expect(track.wantsSound(of: 7))
        for index in 0..<2 { track.send(at: UInt64(index), isVoiced: true) }
        _ = track.hear(1, marker: 0)
        #expect(track.isAligned)
        #expect((2..<102).filter { track.wantsSound(of: $0) } == [47, 48, 49, 50, 51, 97, 98, 99, 100, 101])
    }
}

@Suite struct OpusEarTests {
    @Test func `the last packet of a reply is none of the microphone's`() throws {
        let microphone = OpusMessages(chunkMilliseconds: 20)
        var ear = OpusEar(chunkMilliseconds: 20)
        var known: [Int] = []
        var first: OpusEar.First?
        var place = 0
        for reply in 1...4 {
            for frame in 0...60 {
                let isLast = frame == 60
                if !isLast { ear.send(at: UInt64(place), isVoiced: true) }
                let header = BinaryFrameHeader(
                    flags: isLast ? .last : [], stream: UInt16(reply), sequence: 0,
                    mediaTimestamp: UInt32(frame * 480), generation: 0)
                let packet = Array(microphone.packet(place))
                let heard = packet.withUnsafeBytes { ear.hear(header, $0, at: UInt64(1_000 + place)) }
                if let heard { known.append(heard.packet.index) }
                first = first ?? heard?.first
                if !isLast { place += 1 }
            }
        }
        #expect(known == Array(1..<240))
        #expect(first == OpusEar.First(index: 0, at: 1_000))
    }
}
