import Audio
import ClientProtocol

/// Shapes the audio of a reply for its client: one WAV, pieces of PCM, or a stream with a window.
struct ReplyDelivery: Sendable {
    enum Style: Sendable, Equatable {
        case wholeWAV, chunks, stream
    }

    /// A message and the milliseconds of audio in it.
    struct Outgoing: Sendable, Equatable {
        var message: ServerMessage
        var audioMs: Int
    }

    // PCM16 mono at 24 kHz.
    private static let bytesPerMs = 48
    /// Web pages join pieces and show a line for each: 200 to 400 ms is what they are made for.
    private static let chunkBytes = 300 * bytesPerMs

    private(set) var header: ReplyHeader?
    private(set) var style = Style.wholeWAV
    /// Of a stream: pieces are whole frames of so many milliseconds, but for the last; nil for any length.
    var frameMs: Int?
    private let maxBytes: Int
    private var pending: [UInt8] = []
    private var takenBytes = 0
    private var sentBytes = 0
    private var end: ReplyEnd?

    init(maxSeconds: Int) {
        self.maxBytes = maxSeconds * 1_000 * Self.bytesPerMs
    }

    mutating func begin(_ header: ReplyHeader, _ style: Style) -> [Outgoing] {
        self.reset()
        self.header = header
        self.style = style
        return style == .stream ? [Outgoing(message: .audioStart(header), audioMs: 0)] : []
    }

    /// Takes audio of any length, an odd byte count included; what does not fit the reply's limit is dropped.
    mutating func add(_ audio: [UInt8]) {
        let room = max(0, self.maxBytes - self.takenBytes)
        self.takenBytes += audio.count
        self.pending.append(contentsOf: audio.prefix(room))
    }

    /// No more audio will come.
    mutating func finish(_ end: ReplyEnd) {
        self.end = end
        if end != .done { self.pending = [] }
    }

    /// What may go out now.
    ///
    /// - Parameter windowMs: audio that a streaming client may be sent now.
    mutating func take(windowMs: Int) -> [Outgoing] {
        guard let header = self.header else { return [] }
        var outgoing: [Outgoing] = []
        switch self.style {
        case .wholeWAV:
            if self.end == .done, !self.pending.isEmpty {
                let wav = WAV.encode(pcm: self.takePending(self.pending.count))
                outgoing.append(
                    Outgoing(message: .wavResponse(wav, responseID: header.responseID), audioMs: self.sentMs))
            }
        case .chunks:
            while self.pending.count >= Self.chunkBytes || (self.end == .done && self.pending.count > 1) {
                let piece = self.takePending(Self.chunkBytes)
                outgoing.append(
                    Outgoing(
                        message: .pcmResponse(piece, responseID: header.responseID),
                        audioMs: piece.count / Self.bytesPerMs))
            }
        case .stream: outgoing = self.takeStream(header, windowMs)
        }
        if self.end != nil, self.pending.count < 2 { self.reset() }
        return outgoing
    }

    private mutating func takeStream(_ header: ReplyHeader, _ windowMs: Int) -> [Outgoing] {
        var outgoing: [Outgoing] = []
        let offsetMs = self.sentMs
        let piece = self.takePending(self.admitted(windowMs))
        if !piece.isEmpty {
            let delta = ServerMessage.audioDelta(
                piece, responseID: header.responseID, itemID: header.itemID, generation: header.generation,
                offsetMs: offsetMs)
            outgoing.append(Outgoing(message: delta, audioMs: piece.count / Self.bytesPerMs))
        }
        if let end = self.end, self.pending.count < 2 {
            outgoing.append(
                Outgoing(
                    message: .audioEnd(responseID: header.responseID, totalMs: self.sentMs, reason: end), audioMs: 0))
        }
        return outgoing
    }

    /// Whether audio waits for the window to open.
    var isWaiting: Bool { self.style == .stream && self.pending.count >= (self.end == nil ? self.frameBytes : 2) }

    private var frameBytes: Int { self.frameMs.map { $0 * Self.bytesPerMs } ?? 2 }

    /// The bytes of whole frames that the window admits; a part of one waits for its rest, or for the end.
    private func admitted(_ windowMs: Int) -> Int {
        let window = max(0, windowMs) * Self.bytesPerMs
        if self.end == .done, self.pending.count <= window { return window }
        return min(window, self.pending.count) / self.frameBytes * self.frameBytes
    }

    private var sentMs: Int { self.sentBytes / Self.bytesPerMs }

    /// An even number of bytes; an odd one at the end waits for its other half.
    private mutating func takePending(_ limit: Int) -> [UInt8] {
        let count = min(limit, self.pending.count) & ~1
        let piece = Array(self.pending[..<count])
        self.pending.removeFirst(count)
        self.sentBytes += count
        return piece
    }

    private mutating func reset() {
        self.header = nil
        self.pending = []
        self.takenBytes = 0
        self.sentBytes = 0
        self.end = nil
    }
}
