import Audio
import ClientProtocol

/// Puts the replies of a streaming session on the wire as its client was granted them: codec, frames, JSON or binary.
///
/// What a `ReplyDelivery` lets out goes through here last, so nothing that is encoded ever waits: a reply that is
/// interrupted costs no more than was sent, and frames of a dead generation do not exist.
struct ReplyStream: ~Copyable {
    /// What goes to the client.
    enum Outgoing: Sendable, Equatable {
        case message(ServerMessage)
        /// A binary frame.
        case frame([UInt8])
    }

    private let format: AudioFormat
    private let isBinary: Bool
    private let codec: StreamEncoder.Codec
    private let leavesOutSilence: Bool
    /// nil where the samples go out as they come.
    private var encoder: StreamEncoder?
    private var header: ReplyHeader?
    /// Of the last reply; 0 is the microphone's.
    private var slot: UInt16 = 0
    private var sequence: UInt32 = 0
    private var flags: BinaryFrameHeader.Flags = []
    private var isCutOff = false
    /// The greeting that is going out, where its encoded form is or will be known.
    private var greeting: EncodedGreeting?
    /// Samples of the reply before what this stream sends of it, at the stream's rate.
    private var origin = 0
    /// Samples that this stream sent of it.
    private var position = 0

    init(
        _ format: AudioFormat, isBinary: Bool, leavesOutSilence: Bool, opus: OpusEncoder.Settings
    ) throws(AudioError) {
        self.format = format
        self.isBinary = isBinary
        self.codec = Self.codec(format, opus)
        self.leavesOutSilence = leavesOutSilence
        let isFramed = format.isFramed(isBinary: isBinary)
        if format == .plain, !isFramed { return }
        self.encoder = try StreamEncoder(
            self.codec, frameMs: isFramed ? format.frameMs : nil, leavesOutSilence: leavesOutSilence)
    }

    /// Milliseconds of which every piece of a reply but its last is made; nil for any number.
    var frameMs: Int? { self.format.isFramed(isBinary: self.isBinary) ? self.format.frameMs : nil }

    /// Translates what a `ReplyDelivery` lets out, whose audio is PCM16 24 kHz.
    ///
    /// - Throws: what the codec says; the reply cannot go on.
    mutating func put(_ message: ServerMessage) throws(AudioError) -> [Outgoing] {
        switch message {
        case .audioStart(let header): return [.message(.audioStart(self.begin(header)))]
        case .audioDelta(let samples, _, _, _, _):
            guard self.encoder != nil else { return [.message(message)] }
            if let due = self.greeting?.replay(samples.count, rate: self.format.rate), self.isReplaying {
                return self.wrap(due)
            }
            var pieces: [StreamEncoder.Piece] = []
            try self.encoder?.encode(samples, into: &pieces)
            self.greeting?.record(pieces)
            return self.wrap(pieces)
        case .audioEnd(_, _, let reason): return try self.end(reason) + [.message(message)]
        default: return [.message(message)]
        }
    }

    private var isReplaying: Bool { self.greeting?.isReplaying == true }

    /// What has just begun is a greeting that is played again. Called before any of its audio.
    mutating func recall(_ greeting: GreetingCache.Key, from cache: EncodedGreetings) {
        guard self.encoder != nil else { return }
        // What was encoded with another state before it is no use to others, nor is its state to what follows.
        self.encoder?.reset()
        if self.sequence > 0 { self.flags.insert(.discontinuity) }
        let key = EncodedGreetings.Key(
            greeting: greeting, codec: self.codec, frameMs: self.frameMs ?? 0,
            leavesOutSilence: self.leavesOutSilence)
        self.greeting = EncodedGreeting(key, in: cache)
    }

    private mutating func begin(_ header: ReplyHeader) -> ReplyHeader {
        // A new generation is another voice, or follows what was interrupted: nothing of the old one may be heard in it.
        if let last = self.header, last.generation != header.generation { self.cutOff() }
        var header = header
        header.audio = self.format
        if self.isBinary {
            self.slot = self.slot == .max ? 1 : self.slot + 1
            header.stream = self.slot
        }
        self.header = header
        self.origin = header.fromMs * self.format.rate / 1_000
        self.position = 0
        self.flags = self.isCutOff ? [.first, .discontinuity] : .first
        if header.fromMs > 0 { self.flags.formUnion([.replayed, .discontinuity]) }
        self.isCutOff = false
        self.greeting = nil
        return header
    }

    private mutating func end(_ reason: ReplyEnd) throws(AudioError) -> [Outgoing] {
        guard reason == .done else {
            self.cutOff()
            self.greeting = nil
            return []
        }
        var pieces: [StreamEncoder.Piece] = []
        if self.isReplaying {
            pieces = self.greeting?.finish() ?? []
            self.cutOff()
        } else {
            try self.encoder?.finish(into: &pieces)
            self.greeting?.record(pieces)
            _ = self.greeting?.finish()
        }
        self.greeting = nil
        if pieces.isEmpty, self.isBinary, !self.flags.contains(.first) {
            // All of it has left already, and nobody could know then that it was the last.
            pieces.append(StreamEncoder.Piece(bytes: [], position: self.position))
        }
        return self.wrap(pieces, isLast: true)
    }

    private mutating func cutOff() {
        self.encoder?.reset()
        self.isCutOff = true
    }

    private mutating func wrap(_ pieces: [StreamEncoder.Piece], isLast: Bool = false) -> [Outgoing] {
        guard let header = self.header else { return [] }
        var outgoing: [Outgoing] = []
        for (index, piece) in pieces.enumerated() {
            if isLast, index == pieces.count - 1 { self.flags.insert(.last) }
            outgoing.append(self.isBinary ? self.frame(piece, header) : self.delta(piece, header))
            self.flags = []
            self.position = piece.position + self.samples(in: piece)
        }
        return outgoing
    }

    private mutating func frame(_ piece: StreamEncoder.Piece, _ header: ReplyHeader) -> Outgoing {
        self.sequence &+= 1
        let frame = BinaryFrameHeader(
            flags: header.isCached ? self.flags.union(.cached) : self.flags, stream: self.slot, sequence: self.sequence,
            mediaTimestamp: UInt32(truncatingIfNeeded: self.origin + piece.position),
            generation: UInt32(truncatingIfNeeded: header.generation))
        return .frame(frame.encoded(piece.bytes))
    }

    private func delta(_ piece: StreamEncoder.Piece, _ header: ReplyHeader) -> Outgoing {
        .message(
            .audioDelta(
                piece.bytes, responseID: header.responseID, itemID: header.itemID, generation: header.generation,
                offsetMs: (self.origin + piece.position) * 1_000 / self.format.rate))
    }

    private func samples(in piece: StreamEncoder.Piece) -> Int {
        switch self.format.codec {
        case .pcm16: piece.bytes.count / 2
        case .mulaw, .alaw: piece.bytes.count
        case .opus, .webmOpus: self.format.rate * self.format.frameMs / 1_000
        }
    }

    private static func codec(_ format: AudioFormat, _ opus: OpusEncoder.Settings) -> StreamEncoder.Codec {
        switch format.codec {
        case .pcm16: .pcm16(rate: format.rate)
        case .mulaw: .mulaw
        case .alaw: .alaw
        case .opus, .webmOpus: .opus(opus, clock: format.rate)
        }
    }
}
