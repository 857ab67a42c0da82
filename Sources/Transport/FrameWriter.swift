/// Writes the headers of frames: one frame a message, masked when the writer is a client.
enum FrameWriter {
    enum Opcode: UInt8 {
        case text = 1, binary = 2, close = 8, ping = 9, pong = 10
    }

    /// What goes in front of a payload of `count` bytes.
    /// - Parameter maskKey: what the payload is masked with, in the order of memory.
    static func header(_ opcode: Opcode, count: Int, maskKey: UInt32? = nil) -> [UInt8] {
        var header: [UInt8] = []
        header.reserveCapacity(14)
        header.append(0x80 | opcode.rawValue)
        let maskBit: UInt8 = maskKey == nil ? 0 : 0x80
        switch count {
        case ..<126: header.append(maskBit | UInt8(count))
        case ..<65_536: header += [maskBit | 126, UInt8(count >> 8), UInt8(count & 0xFF)]
        default: header += [maskBit | 127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - $0 * 8)) }
        }
        if let maskKey { withUnsafeBytes(of: maskKey) { header.append(contentsOf: $0) } }
        return header
    }
}
