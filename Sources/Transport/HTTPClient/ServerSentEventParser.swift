/// One event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Equatable {
    /// `message` unless the stream says otherwise.
    public var event: String
    /// The data lines, joined by line feeds.
    public var data: String
    /// The last id that the stream has named, this event's or an earlier one's; to be sent as `Last-Event-ID`.
    public var lastID: String

    public init(event: String = "message", data: String, lastID: String = "") {
        self.event = event
        self.data = data
        self.lastID = lastID
    }
}

/// Reads a `text/event-stream`: bytes go in, cut anywhere, and events come out.
///
/// - Source: WHATWG HTML, 9.2.6. What stands at the end without an empty line behind it is no event. Bytes that are no UTF-8
///   become U+FFFD, line by line.
public struct ServerSentEventParser: Sendable {
    /// An event that is larger than its limit; the stream cannot be read further.
    public struct TooLarge: Error, Equatable {
        public let limit: Int
    }

    private let maxEventBytes: Int
    private var line: [UInt8] = []
    private var followsCarriageReturn = false
    private var isFirstLine = true
    private var type = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var lastID = ""
    private var eventBytes = 0
    /// How long to wait before asking again after the connection broke, as the stream wishes it.
    public private(set) var retryMs: Int?

    /// - Parameter maxEventBytes: of all lines of an event, comments included.
    public init(maxEventBytes: Int = 1 << 20) {
        self.maxEventBytes = maxEventBytes
    }

    /// The events that these bytes complete.
    public mutating func push(_ bytes: some Sequence<UInt8>) throws(TooLarge) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            if byte == 0x0A, self.followsCarriageReturn {
                self.followsCarriageReturn = false
                continue
            }
            self.followsCarriageReturn = byte == 0x0D
            if byte == 0x0A || byte == 0x0D {
                if let event = self.endLine() { events.append(event) }
            } else {
                self.eventBytes += 1
                guard self.eventBytes <= self.maxEventBytes else { throw TooLarge(limit: self.maxEventBytes) }
                self.line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        if self.isFirstLine {
            self.isFirstLine = false
            if self.line.starts(with: [0xEF, 0xBB, 0xBF]) { self.line.removeFirst(3) }
        }
        defer { self.line.removeAll(keepingCapacity: true) }
        guard !self.line.isEmpty else { return self.endEvent() }
        let colon = self.line.firstIndex(of: UInt8(ascii: ":")) ?? self.line.endIndex
        var value = self.line[min(colon + 1, self.line.endIndex)...]
        if value.first == 0x20 { value = value.dropFirst() }
        self.take(String(decoding: self.line[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func take(_ field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "event": self.type = String(decoding: value, as: UTF8.self)
        case "data":
            if self.hasData { self.data.append(0x0A) }
            self.hasData = true
            self.data.append(contentsOf: value)
        case "id": if !value.contains(0) { self.lastID = String(decoding: value, as: UTF8.self) }
        case "retry":
            guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }) else { return }
            self.retryMs = Int(String(decoding: value, as: UTF8.self)) ?? self.retryMs
        default: break  // a comment, or what we do not know
        }
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer {
            (self.type, self.data, self.hasData, self.eventBytes) = ("", [], false, 0)
        }
        guard self.hasData else { return nil }
        return ServerSentEvent(
            event: self.type.isEmpty ? "message" : self.type, data: String(decoding: self.data, as: UTF8.self),
            lastID: self.lastID)
    }
}
