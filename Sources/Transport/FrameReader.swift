/// Reads the frames of a peer, as strictly as RFC 6455 section 5 is written.
///
/// libwebsockets 4.1.6 takes frames that are masked or not as they come and lengths that are not minimal, answers one
/// ping of a burst, and does not tell of pings at all, so they could not be bounded.
struct FrameReader {
    /// Who sends the frames: a client masks every one, a server none.
    enum Peer {
        case client, server
    }

    enum Event: Equatable {
        /// All bytes are used.
        case needsMore
        /// A part of a message at this range of the bytes, unmasked in place.
        case piece(MessageAssembler.Piece, Range<Int>)
        case ping([UInt8])
        case pong
        case close([UInt8])
        /// What follows cannot be read any more.
        case violation(String)
    }

    private enum Opcode: UInt8 {
        case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10

        var isControl: Bool { self.rawValue >= 8 }
    }

    private struct Frame {
        var opcode: Opcode
        var isFinal: Bool
        var mask: Mask?
        var remaining: Int
        var isAnnounced = false
    }

    // Beyond it no limit on messages can lie; keeps sums of lengths from overflowing.
    private static let maxLength = 1 << 40

    private let peer: Peer
    private var header: [UInt8] = []
    private var frame: Frame?
    private var control: [UInt8] = []
    // Of the message that is under way.
    private var isBinary: Bool?

    init(of peer: Peer) {
        self.peer = peer
    }

    /// The next event in `bytes` from `index` on, which moves past what was used.
    mutating func next(_ bytes: UnsafeMutableRawBufferPointer, from index: inout Int) -> Event {
        while true {
            if self.frame == nil {
                guard index < bytes.count else { return .needsMore }
                self.header.append(bytes[index])
                index += 1
                if let violation = self.readHeader() { return .violation(violation) }
            } else if let event = self.readPayload(bytes, from: &index) {
                return event
            } else if index >= bytes.count {
                return .needsMore
            }
        }
    }

    // MARK: The header

    /// Looks at the header when it is complete; says what is wrong with it.
    private mutating func readHeader() -> String? {
        guard self.header.count >= 2 else { return nil }
        if self.header.count == 2, let violation = self.checkStart() { return violation }
        let code = Int(self.header[1] & 0x7F)
        let lengthBytes = code == 126 ? 2 : code == 127 ? 8 : 0
        let maskBytes = self.peer == .client ? 4 : 0
        guard self.header.count == 2 + lengthBytes + maskBytes, let opcode = Opcode(rawValue: self.header[0] & 0x0F)
        else {
            return nil
        }
        let length =
            lengthBytes == 0 ? UInt64(code) : self.header[2..<(2 + lengthBytes)].reduce(0) { $0 << 8 | UInt64($1) }
        if lengthBytes == 2, length < 126 { return "length of \(length) in 16 bits" }
        if lengthBytes == 8, length < 65_536 || length > UInt64(Int.max) { return "length of \(length) in 64 bits" }
        self.frame = Frame(
            opcode: opcode, isFinal: self.header[0] & 0x80 != 0,
            mask: maskBytes == 0 ? nil : Mask(self.header[(2 + lengthBytes)...]),
            remaining: Int(min(length, UInt64(Self.maxLength))))
        self.header.removeAll(keepingCapacity: true)
        return nil
    }

    private mutating func checkStart() -> String? {
        let (first, second) = (self.header[0], self.header[1])
        guard first & 0x70 == 0 else { return "reserved bits are set" }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { return "opcode \(first & 0x0F) is reserved" }
        guard (second & 0x80 != 0) == (self.peer == .client) else {
            return self.peer == .client ? "frame of a client is not masked" : "frame of a server is masked"
        }
        if opcode.isControl {
            guard first & 0x80 != 0 else { return "control frame is fragmented" }
            guard second & 0x7F <= 125 else { return "control frame is longer than 125 bytes" }
        } else {
            guard (opcode == .continuation) == (self.isBinary != nil) else {
                return opcode == .continuation ? "continuation of no message" : "message within a message"
            }
            if opcode != .continuation { self.isBinary = opcode == .binary }
        }
        return nil
    }

    // MARK: The payload

    private mutating func readPayload(_ bytes: UnsafeMutableRawBufferPointer, from index: inout Int) -> Event? {
        guard var frame = self.frame else { return nil }
        let count = min(frame.remaining, bytes.count - index)
        // Told once without payload, so that a message too long is refused before its bytes come.
        guard count > 0 || frame.remaining == 0 || !frame.isAnnounced else { return nil }
        let range = index..<(index + count)
        frame.mask?.apply(to: UnsafeMutableRawBufferPointer(rebasing: bytes[range]))
        frame.remaining -= count
        frame.isAnnounced = true
        index = range.upperBound
        self.frame = frame.remaining == 0 ? nil : frame
        return frame.opcode.isControl
            ? self.controlEvent(frame, bytes[range]) : self.pieceEvent(frame, range)
    }

    private mutating func pieceEvent(_ frame: Frame, _ range: Range<Int>) -> Event {
        let piece = MessageAssembler.Piece(
            isBinary: self.isBinary ?? false, remainingInFrame: frame.remaining,
            isFinalFragment: frame.isFinal, count: range.count)
        if frame.isFinal, frame.remaining == 0 { self.isBinary = nil }
        return .piece(piece, range)
    }

    private mutating func controlEvent(_ frame: Frame, _ bytes: Slice<UnsafeMutableRawBufferPointer>) -> Event? {
        self.control.append(contentsOf: bytes)
        guard frame.remaining == 0 else { return nil }
        defer { self.control = [] }
        switch frame.opcode {
        case .close: return .close(self.control)
        case .ping: return .ping(self.control)
        default: return .pong
        }
    }
}
