import COpus
import Testing

@testable import Audio

/// A clip of Opus packets with its priming, as an encoder makes it, and the tone that it holds.
struct OpusClip {
    /// Samples at 48 kHz that libopus' encoder looks ahead in audio mode.
    static let preSkip = 312

    /// Of 20 ms each.
    let packets: [[UInt8]]
    /// Samples at 48 kHz that are to be heard.
    let length: Int

    /// Samples at 48 kHz after the priming and the length: the padding of the last packet.
    var padding: Int { self.packets.count * 960 - Self.preSkip - self.length }

    init(milliseconds: Int, bitsPerSecond: Int32 = 32_000) throws {
        self.length = milliseconds * 48
        let count = (self.length + Self.preSkip + 959) / 960
        var input = Tone.samples(self.length, rate: 48_000)
        input += [Int16](repeating: 0, count: count * 960 - input.count)
        var problem: Int32 = 0
        let encoder = try #require(opus_encoder_create(48_000, 1, OPUS_APPLICATION_AUDIO, &problem))
        defer { opus_encoder_destroy(encoder) }
        _ = vaani_opus_set_bitrate(encoder, bitsPerSecond)
        self.packets = (0..<count).map { index in
            var packet = [UInt8](repeating: 0, count: 1_500)
            let frame = Array(input[(index * 960)..<((index + 1) * 960)])
            let size = opus_encode(encoder, frame, 960, &packet, 1_500)
            return Array(packet.prefix(Int(size)))
        }
    }

    /// The packet that opens an Ogg stream and is the private data of a WebM track.
    static func head(channels: UInt8 = 1, preSkip: Int = OpusClip.preSkip, gain: Int16 = 0) -> [UInt8] {
        OpusHead.magic + [1, channels] + littleEndian(UInt16(preSkip)) + littleEndian(UInt32(48_000))
            + littleEndian(UInt16(bitPattern: gain)) + [0]
    }
}

func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }
