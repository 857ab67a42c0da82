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
    /// Of a stream: what was sent is kept until it was heard, in case that its client loses it. No more than so many
    /// milliseconds.
    var keepsMs = 0
    private let maxBytes: Int
    /// What was sent and is kept, then what waits.
    private var audio = AudioPieces()
    /// Where in the reply what waits begins: so much was sent.
    private var sentBytes = 0
    private var takenBytes = 0
    private var end: ReplyEnd?
    /// The client was told the end; what is kept is not.
    private var isComplete = false

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
        self.audio.append(audio.count <= room ? audio : Array(audio.prefix(room)))
    }

    /// No more audio will come.
    mutating func finish(_ end: ReplyEnd) {
        if self.isComplete, end != .done { return self.reset() }
        self.end = end
        guard end != .done else { return }
        // Nobody is to hear it again either.
        self.audio = AudioPieces(from: self.sentBytes)
    }

    /// What may go out now.
    ///
    /// - Parameter windowMs: audio that a streaming client may be sent now.
    mutating func take(windowMs: Int) -> [Outgoing] {
        guard let header = self.header, !self.isComplete else { return [] }
        var outgoing: [Outgoing] = []
        switch self.style {
        case .wholeWAV:
            if self.end == .done, self.pendingCount > 0 {
                let wav = WAV.encode(pcm: self.takePending(self.pendingCount))
                outgoing.append(
                    Outgoing(message: .wavResponse(wav, responseID: header.responseID), audioMs: self.sentMs))
            }
        case .chunks:
            while self.pendingCount >= Self.chunkBytes || (self.end == .done && self.pendingCount > 1) {
                let piece = self.takePending(Self.chunkBytes)
                outgoing.append(
                    Outgoing(
                        message: .pcmResponse(piece, responseID: header.responseID),
                        audioMs: piece.count / Self.bytesPerMs))
            }
        case .stream: outgoing = self.takeStream(header, windowMs)
        }
        if let end = self.end, self.pendingCount < 2 { self.complete(end) }
        return outgoing
    }

    private mutating func complete(_ end: ReplyEnd) {
        guard end == .done, self.keepsMs > 0, self.sentBytes > self.audio.start else { return self.reset() }
        self.isComplete = true
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
        if let end = self.end, self.pendingCount < 2 {
            outgoing.append(
                Outgoing(
                    message: .audioEnd(responseID: header.responseID, totalMs: self.sentMs, reason: end), audioMs: 0))
        }
        return outgoing
    }

    /// Whether audio waits for the window to open.
    var isWaiting: Bool {
        self.style == .stream && !self.isComplete && self.pendingCount >= (self.end == nil ? self.frameBytes : 2)
    }

    /// Whether all was sent and some of it is kept.
    var isKept: Bool { self.isComplete }

    private var frameBytes: Int { self.frameMs.map { $0 * Self.bytesPerMs } ?? 2 }

    /// The bytes of whole frames that the window admits; a part of one waits for its rest, or for the end.
    private func admitted(_ windowMs: Int) -> Int {
        let window = max(0, windowMs) * Self.bytesPerMs
        if self.end == .done, self.pendingCount <= window { return window }
        return min(window, self.pendingCount) / self.frameBytes * self.frameBytes
    }

    private var sentMs: Int { self.sentBytes / Self.bytesPerMs }

    private var pendingCount: Int { self.audio.end - self.sentBytes }

    /// An even number of bytes; an odd one at the end waits for its other half.
    private mutating func takePending(_ limit: Int) -> [UInt8] {
        let count = min(limit, self.pendingCount) & ~1
        let piece = self.audio.bytes(self.sentBytes..<self.sentBytes + count)
        self.sentBytes += count
        self.audio.drop(upTo: self.keepsMs > 0 ? self.sentBytes - self.keepsMs * Self.bytesPerMs : self.sentBytes)
        return piece
    }

    private mutating func reset() {
        self.header = nil
        self.audio = AudioPieces()
        self.sentBytes = 0
        self.takenBytes = 0
        self.end = nil
        self.isComplete = false
    }
}

// What was sent and may have been lost.
extension ReplyDelivery {
    /// So much of the reply was heard, and need not be kept.
    mutating func heard(_ milliseconds: Int) {
        let position = min(milliseconds * Self.bytesPerMs, self.sentBytes)
        if self.isComplete, position == self.sentBytes { return self.reset() }
        self.audio.drop(upTo: position)
    }

    /// Goes back to where the client was when it lost its connection, or as near to it as there is audio for.
    ///
    /// - Returns: the header of the reply with the position from where on it is sent again; nil where nothing is left to
    ///   be heard.
    mutating func rewind(toMs milliseconds: Int) -> ReplyHeader? {
        guard var header = self.header, self.style == .stream, self.end ?? .done == .done else {
            self.reset()
            return nil
        }
        let position = min(max(milliseconds * Self.bytesPerMs, self.audio.start), self.sentBytes) & ~1
        guard !self.isComplete || position < self.sentBytes else {
            self.reset()
            return nil
        }
        self.sentBytes = position
        self.isComplete = false
        header.fromMs = position / Self.bytesPerMs
        return header
    }
}
