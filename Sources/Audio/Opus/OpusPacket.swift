/// What the first bytes of an Opus packet say (RFC 6716, section 3.1).
enum OpusPacket {
    /// The longest packet that any container may carry: 48 frames of 1,275 bytes and their lengths.
    static let maxBytes = 61_440

    /// Samples at 48 kHz; nil when the packet is empty, too large or longer than 120 ms.
    static func duration(_ packet: Span<UInt8>) -> Int? {
        guard !packet.isEmpty, packet.count <= self.maxBytes, let frames = self.frames(packet) else { return nil }
        let duration = frames * self.frameDuration(packet[0])
        return 1...5_760 ~= duration ? duration : nil
    }

    private static func frames(_ packet: Span<UInt8>) -> Int? {
        switch packet[0] & 3 {
        case 0: 1
        case 1, 2: 2
        default: packet.count > 1 ? Int(packet[1] & 0x3F) : nil
        }
    }

    /// Samples at 48 kHz of each frame, by the configuration number in the upper five bits.
    private static func frameDuration(_ toc: UInt8) -> Int {
        switch toc >> 3 {
        case let silk where silk < 12: [480, 960, 1_920, 2_880][Int(silk & 3)]
        case let hybrid where hybrid < 16: 480 << Int(hybrid & 1)
        case let celt: 120 << Int(celt & 3)
        }
    }
}
