/// Writes the frames of a server: one frame a message, never masked.
enum FrameWriter {
    enum Opcode: UInt8 {
        case text = 1, binary = 2, close = 8, ping = 9, pong = 10
    }

    /// What goes in front of a payload of `count` bytes.
    static func header(_ opcode: Opcode, count: Int) -> [UInt8] {
        let first = 0x80 | opcode.rawValue
        switch count {
        case ..<126: return [first, UInt8(count)]
        case ..<65_536: return [first, 126, UInt8(count >> 8), UInt8(count & 0xFF)]
        default: return [first, 127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - $0 * 8)) }
        }
    }

    /// A whole small frame.
    static func frame(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
        self.header(opcode, count: payload.count) + payload
    }
}
