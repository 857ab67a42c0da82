import COpus
import Testing

@testable import Audio

@Suite struct OpusPacketTests {
    @Test func `the duration is the one that libopus computes`() {
        for configuration in UInt8(0)..<32 {
            for code in UInt8(0)..<4 {
                for frames in UInt8(0)..<64 {
                    let packet = Self.packet(configuration: configuration, code: code, frames: frames)
                    let theirs = Int(opus_packet_get_nb_samples(packet, Int32(packet.count), 48_000))
                    #expect(OpusPacket.duration(packet.span) == (theirs > 0 ? theirs : nil))
                }
            }
        }
    }

    @Test func `an empty packet has no duration`() {
        #expect(OpusPacket.duration([UInt8]().span) == nil)
        #expect(OpusPacket.duration([UInt8]([3]).span) == nil)
        #expect(OpusPacket.duration([UInt8](repeating: 0, count: 61_441).span) == nil)
    }

    @Test func `packets become 24 kHz samples of the tone that was encoded`() throws {
        let clip = try OpusClip(milliseconds: 1_000)
        var decoder = try OpusDecoder()
        var output: [Int16] = []
        for packet in clip.packets { try decoder.decode(packet, into: &output) }
        #expect(output.count == clip.packets.count * 480)
        #expect(abs(Tone.frequency(of: output, rate: 24_000) - 440) < 0.5)
        #expect(abs(Tone.level(of: output)) < 0.5)
    }

    @Test func `a broken packet is refused, and the next still decodes`() throws {
        let clip = try OpusClip(milliseconds: 40)
        var decoder = try OpusDecoder()
        var output: [Int16] = []
        for broken in [[], [3], [0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            do throws(AudioError) {
                try decoder.decode(broken, into: &output)
                Issue.record("\(broken) was taken")
            } catch { #expect(error.code == .badAudio) }
        }
        try decoder.decode(clip.packets[0], into: &output)
        #expect(output.count == 480)
    }

    @Test func `random bytes only throw`() throws {
        var random = SeededGenerator(1)
        var decoder = try OpusDecoder()
        for _ in 0..<2_000 {
            let packet = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            var output: [Int16] = []
            do throws(AudioError) { try decoder.decode(packet, into: &output) } catch {
                #expect(error.code == .badAudio)
            }
            #expect(output.count <= OpusDecoder.maxPacketSamples)
        }
    }

    /// A packet without audio data.
    static func packet(configuration: UInt8, code: UInt8, frames: UInt8) -> [UInt8] {
        [configuration << 3 | code] + (code == 3 ? [frames] : [])
    }
}
