import Audio
import ClientProtocol

/// The frames of an Opus microphone, encoded once: four seconds of voice that begin anew, and one frame of silence.
///
/// Confined to its event loop; users of the loop share it, since what `send` takes is read before it returns.
final class OpusMessages {
    private var voiced: [[UInt8]]
    private var silence: [UInt8]

    /// As a phone's microphone sends it.
    private static let settings = OpusEncoder.Settings(mode: .voip, complexity: 5, bitsPerSecond: 32_000)

    init(chunkMilliseconds: Int) {
        let cycle = Marker.cycle(chunkMilliseconds: chunkMilliseconds)
        // Taken from the second round on, so that the last packet is followed by the first one without a seam.
        let packets = Self.packets(cycle + cycle, chunkMilliseconds)
        self.voiced = packets.suffix(packets.count / 2).map(Self.frame)
        let silence = [Int16](repeating: 0, count: 10 * chunkMilliseconds * Voice.sampleRate / 1_000)
        self.silence = Self.frame(Self.packets(silence, chunkMilliseconds).last ?? [])
    }

    /// How many frames are a cycle.
    var count: Int { self.voiced.count }

    /// A frame to be sent, valid until the next call.
    ///
    /// - Parameters:
    ///   - index: of the frame among all that the user sends; a voiced one has its place in the cycle by it.
    ///   - mediaTimestamp: samples before it at 24 kHz.
    func withFrame(
        _ index: Int, isVoiced: Bool, mediaTimestamp: UInt32, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        let place = index % self.voiced.count
        func number(_ frame: inout [UInt8]) {
            frame.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: UInt32(truncatingIfNeeded: index).bigEndian, toByteOffset: 4, as: UInt32.self)
                bytes.storeBytes(of: mediaTimestamp.bigEndian, toByteOffset: 8, as: UInt32.self)
                body(UnsafeRawBufferPointer(bytes))
            }
        }
        if isVoiced { number(&self.voiced[place]) } else { number(&self.silence) }
    }

    /// The packet of a voiced frame, without its header.
    func packet(_ index: Int) -> ArraySlice<UInt8> {
        self.voiced[index % self.voiced.count].dropFirst(BinaryFrameHeader.byteCount)
    }

    private static func frame(_ packet: [UInt8]) -> [UInt8] {
        BinaryFrameHeader(stream: BinaryFrameHeader.microphone, sequence: 0, mediaTimestamp: 0, generation: 0)
            .encoded(packet)
    }

    private static func packets(_ samples: [Int16], _ chunkMilliseconds: Int) -> [[UInt8]] {
        do throws(AudioError) {
            var encoder = try OpusEncoder(self.settings, frameMs: chunkMilliseconds)
            var packets: [[UInt8]] = []
            for start in stride(from: 0, to: samples.count, by: encoder.frameSamples) {
                packets.append(try encoder.encode(Array(samples[start..<start + encoder.frameSamples])))
            }
            return packets
        } catch {
            preconditionFailure("settings that libopus refuses: \(error.message)")
        }
    }
}
