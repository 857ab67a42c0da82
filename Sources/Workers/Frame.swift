/// One message between the pool and a helper: payload length (4 bytes, big endian), kind (1 byte), payload.
struct Frame: Equatable {
    enum Kind: UInt8 {
        // Pool to helper.
        case request = 0x51  // Q
        case cancel = 0x43  // C
        // Helper to pool.
        case ready = 0x52  // R
        case chunk = 0x44  // D
        case end = 0x45  // E
        case failure = 0x46  // F
    }

    static let headerBytes = 5

    var kind: Kind
    var payload: [UInt8] = []

    static func header(_ kind: Kind, payloadBytes: Int) -> [UInt8] {
        let length = UInt32(payloadBytes)
        return [
            UInt8(length >> 24), UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255),
            kind.rawValue,
        ]
    }

    var encoded: [UInt8] {
        Self.header(self.kind, payloadBytes: self.payload.count) + self.payload
    }
}

/// Cuts a byte stream into frames. The other side is not trusted: lengths and kinds are checked before anything is kept.
struct FrameParser {
    enum Failure: Error, Equatable {
        case unknownKind(UInt8)
        case tooLong(bytes: Int, limit: Int)
    }

    let maxPayloadBytes: Int
    private var buffer: [UInt8] = []
    private var start = 0

    init(maxPayloadBytes: Int) {
        self.maxPayloadBytes = maxPayloadBytes
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if self.start > 0 {
            self.buffer.removeFirst(self.start)
            self.start = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or nil until more bytes come.
    mutating func next() throws(Failure) -> Frame? {
        guard self.buffer.count - self.start >= Frame.headerBytes else { return nil }
        let header = self.buffer[self.start..<self.start + Frame.headerBytes]
        let length = header.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        guard let kind = header.last.flatMap(Frame.Kind.init) else {
            throw Failure.unknownKind(self.buffer[self.start + 4])
        }
        guard length <= self.maxPayloadBytes else {
            throw Failure.tooLong(bytes: length, limit: self.maxPayloadBytes)
        }
        let end = self.start + Frame.headerBytes + length
        guard self.buffer.count >= end else { return nil }
        defer { self.start = end }
        return Frame(kind: kind, payload: Array(self.buffer[self.start + Frame.headerBytes..<end]))
    }
}
