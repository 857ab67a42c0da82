/// Collects a request's body under a limit.
struct BodyReader {
    private enum State: Equatable {
        case length(remaining: Int)
        case chunkSize, chunkData(remaining: Int), chunkEnd, trailer
        case done
    }

    // A size line with extensions, or a line of the trailer.
    private static let maxLineBytes = 1_024
    private static let maxTrailerLines = 32

    private let limit: Int
    private var state: State
    private var line: [UInt8] = []
    private var trailerLines = 0
    private(set) var body: [UInt8] = []

    /// - Throws: 413 when the announced length exceeds the limit, before anything is read.
    init(_ framing: BodyFraming, limit: Int) throws(HTTPRefusal) {
        self.limit = limit
        switch framing {
        case .none: self.state = .done
        case .chunked: self.state = .chunkSize
        case .length(let length):
            guard length <= limit else { throw Self.tooLarge(limit) }
            self.state = .length(remaining: length)
            self.body.reserveCapacity(min(length, 1 << 20))
        }
    }

    var isComplete: Bool { self.state == .done }

    /// Takes bytes and says how many belong to the body.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Int {
        var index = 0
        while index < bytes.count, self.state != .done {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[index...])
            index += try self.step(rest)
        }
        return index
    }

    private mutating func step(_ rest: UnsafeRawBufferPointer) throws(HTTPRefusal) -> Int {
        switch self.state {
        case .length(let remaining):
            let count = min(remaining, rest.count)
            self.body.append(contentsOf: rest[..<count])
            self.state = count == remaining ? .done : .length(remaining: remaining - count)
            return count
        case .chunkData(let remaining):
            let count = min(remaining, rest.count)
            self.body.append(contentsOf: rest[..<count])
            self.state = count == remaining ? .chunkEnd : .chunkData(remaining: remaining - count)
            return count
        case .chunkSize, .chunkEnd, .trailer: return try self.takeLineByte(rest[0])
        case .done: return 0
        }
    }

    private mutating func takeLineByte(_ byte: UInt8) throws(HTTPRefusal) -> Int {
        self.line.append(byte)
        guard self.line.count <= Self.maxLineBytes else { throw .malformed("a chunk's size line is too long") }
        guard byte == 0x0A else { return 1 }
        guard self.line.dropLast().last == 0x0D else { throw .malformed("a chunk's size line has no carriage return") }
        let text = self.line.dropLast(2)
        self.line = []
        try self.endLine(text)
        return 1
    }

    private mutating func endLine(_ text: ArraySlice<UInt8>) throws(HTTPRefusal) {
        switch self.state {
        case .chunkSize: try self.beginChunk(text)
        case .chunkEnd:
            guard text.isEmpty else { throw .malformed("a chunk is longer than its size") }
            self.state = .chunkSize
        case .trailer:
            self.trailerLines += 1
            guard self.trailerLines <= Self.maxTrailerLines else { throw .malformed("the trailer has too many lines") }
            if text.isEmpty { self.state = .done }
        case .length, .chunkData, .done: break
        }
    }

    private mutating func beginChunk(_ text: ArraySlice<UInt8>) throws(HTTPRefusal) {
        let digits = text.prefix { $0 != UInt8(ascii: ";") }
        guard !digits.isEmpty, digits.count <= 8, digits.allSatisfy({ $0.hexDigit != nil }) else {
            throw .malformed("a chunk's size is not a hexadecimal number")
        }
        let size = digits.reduce(0) { $0 << 4 | Int($1.hexDigit ?? 0) }
        guard self.body.count + size <= self.limit else { throw Self.tooLarge(self.limit) }
        self.state = size == 0 ? .trailer : .chunkData(remaining: size)
    }

    private static func tooLarge(_ limit: Int) -> HTTPRefusal {
        HTTPRefusal(status: 413, code: "body_too_large", message: "the body exceeds \(limit) bytes")
    }
}
