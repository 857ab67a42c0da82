import ClientProtocol
import JSON

/// What a user has heard.
struct EarState {
    /// Of the next chunk that should come.
    var expected: UInt32 = 0
    /// What is older was interrupted, and need not come.
    var excusedBelow: UInt32 = 0
    /// What is older must not come any more.
    var deadBelow: UInt32 = 0
    /// When audio came last.
    var heardAt: UInt64 = 0
    /// Whether anything of the user's own came back: only an echo can tell what was lost.
    var hasEcho = false
}

extension SyntheticUser {
    static let audibleNanoseconds: UInt64 = 300_000_000
    private static let lateNanoseconds = UInt64(LoadFigures.lateAfter / .nanoseconds(1))

    /// False if the message holds no audio.
    func hear(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let audio = self.audio(in: text) else { return false }
        let now = LoadClock.nanoseconds
        var stamped = false
        self.reader.read(base64: audio) { stamp in
            stamped = true
            self.heard(stamp, now)
        }
        self.heardAudio(stamped, milliseconds: audio.count / 4 * 3 / Voice.bytesPerMillisecond, now)
        return true
    }

    private func audio(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard self.card.dialect == .realtime else { return AudioMember.find(#""audio":""#, in: text) }
        // Transcripts come in deltas as well.
        guard AudioMember.find(#""type":"response.output_audio.de"#, in: text) != nil else { return nil }
        return AudioMember.find(#""delta":""#, in: text)
    }

    /// A binary frame.
    func hear(frame: UnsafeRawBufferPointer) {
        guard let header = BinaryFrameHeader(decoding: frame), header.type == BinaryFrameHeader.audio,
            frame.count > BinaryFrameHeader.byteCount
        else { return }
        let payload = UnsafeRawBufferPointer(rebasing: frame[BinaryFrameHeader.byteCount...])
        let now = LoadClock.nanoseconds
        if self.card.dialect == .opus { return self.hear(header, packet: payload, now) }
        var stamped = false
        self.reader.read(pcm: payload) { stamp in
            stamped = true
            self.heard(stamp, now)
        }
        self.heardAudio(stamped, milliseconds: payload.count / Voice.bytesPerMillisecond, now)
    }

    private func hear(_ header: BinaryFrameHeader, packet: UnsafeRawBufferPointer, _ now: UInt64) {
        let heard = self.opus?.hear(header, packet, at: now)
        if let packet = heard?.packet {
            self.ear.hasEcho = true
            self.board.figures.chunksHeard += 1
            self.board.figures.chunksLost += packet.lost
            self.ear.expected = UInt32(truncatingIfNeeded: packet.index + 1)
            self.measureAge(now - min(now, packet.sentAt))
            let first = heard?.first ?? OpusEar.First(index: packet.index, at: now)
            self.answered(UInt32(truncatingIfNeeded: first.index), first.at)
        }
        self.heardAudio(heard != nil, milliseconds: self.card.chunkMilliseconds, now)
    }

    private func heard(_ stamp: Stamp, _ now: UInt64) {
        self.ear.hasEcho = true
        self.board.figures.chunksHeard += 1
        if stamp.sequence < self.ear.deadBelow { self.board.figures.chunksStale += 1 }
        guard stamp.sequence >= self.ear.expected, stamp.sentAt <= now else { return }
        let missingFrom = max(self.ear.expected, self.ear.excusedBelow)
        if stamp.sequence > missingFrom { self.board.figures.chunksLost += Int(stamp.sequence - missingFrom) }
        self.ear.expected = stamp.sequence + 1
        self.measure(stamp, now)
        self.answered(stamp.sequence, now)
    }

    /// A chunk of what the user says came back: the first one is the first audio.
    private func answered(_ sequence: UInt32, _ now: UInt64) {
        guard let spokeAt = self.microphone.spokeAt, sequence >= self.microphone.spokeSequence else { return }
        self.microphone.spokeAt = nil
        if self.card.dialect != .legacy, now >= spokeAt {
            self.board.figures.firstAudio.record(nanoseconds: now - spokeAt)
        }
    }

    private func measureAge(_ age: UInt64) {
        self.board.figures.added.record(nanoseconds: age)
        // A whole recording is no chunk of a stream that plays on.
        if age > Self.lateNanoseconds, self.card.dialect != .legacy { self.board.figures.chunksLate += 1 }
    }

    private func measure(_ stamp: Stamp, _ now: UInt64) {
        self.measureAge(now - stamp.sentAt)
        // Other clocks than this machine's cannot be compared, only the sum of both ways.
        guard stamp.echoedAt >= stamp.sentAt, stamp.echoedAt <= now else { return }
        self.board.figures.up.record(nanoseconds: stamp.echoedAt - stamp.sentAt)
        self.board.figures.down.record(nanoseconds: now - stamp.echoedAt)
    }

    private func heardAudio(_ stamped: Bool, milliseconds: Int, _ now: UInt64) {
        self.ear.heardAt = now
        if self.card.dialect == .legacy { return self.replyArrived(milliseconds, now) }
        guard !stamped, !self.ear.hasEcho, let since = self.microphone.silentSince else { return }
        self.microphone.silentSince = nil
        self.board.figures.firstAudio.record(nanoseconds: now - since)
    }

    private func replyArrived(_ milliseconds: Int, _ now: UInt64) {
        guard let sentAt = self.turns.sentAt else { return }
        self.turns.sentAt = nil
        self.board.figures.firstAudio.record(nanoseconds: now - sentAt)
        self.turns.playingUntil = now + UInt64(milliseconds) * 1_000_000
        self.turns.nextAt = max(self.turns.nextAt, self.turns.playingUntil)
    }

    /// The gateway says that what it had of the reply is void.
    func cleared() {
        if let since = self.microphone.cancelledAt {
            self.board.figures.bargeIn.record(nanoseconds: LoadClock.nanoseconds - since)
            self.microphone.cancelledAt = nil
            self.ear.deadBelow = self.microphone.cancelledSequence
        }
        self.excuseOutstanding()
    }

    func excuseOutstanding() {
        self.ear.excusedBelow = self.microphone.sequence
        self.opus?.interrupt()
    }

    /// Chunks that should have come back and have not.
    var outstanding: Int {
        guard self.ear.hasEcho else { return 0 }
        let next = max(self.ear.expected, self.ear.excusedBelow)
        return self.microphone.sequence > next ? Int(self.microphone.sequence - next) : 0
    }
}
