/// Everything that the users of one loop send again and again, made once. Confined to the loop.
final class MicrophoneMessages {
    private let chunkMilliseconds: Int?
    /// Voiced chunks in order; after the last the sound starts anew.
    private var voiced: [LoadDialect: [StampedMessage]] = [:]
    private var silent: [LoadDialect: StampedMessage] = [:]
    private(set) lazy var utterance = Self.makeUtterance()
    private(set) lazy var opus = OpusMessages(chunkMilliseconds: self.milliseconds(.opus))

    static let utteranceMilliseconds = 2_000

    /// - Parameter chunkMilliseconds: 20 or 40; nil for what is usual in a dialect.
    init(chunkMilliseconds: Int? = nil) {
        self.chunkMilliseconds = chunkMilliseconds
    }

    /// Makes what users of a dialect will send, so that nobody waits for it.
    func prepare(_ dialect: LoadDialect) {
        switch dialect {
        case .legacy: _ = self.utterance
        case .opus: _ = self.opus
        case .json, .binary, .realtime: _ = (self.voiced(dialect, 0), self.silent(dialect))
        }
    }

    /// Of one message.
    func milliseconds(_ dialect: LoadDialect) -> Int { self.chunkMilliseconds ?? dialect.chunkMilliseconds }

    /// PCM16 24 kHz in one message.
    func chunkBytes(_ dialect: LoadDialect) -> Int { self.milliseconds(dialect) * Voice.bytesPerMillisecond }

    func voiced(_ dialect: LoadDialect, _ index: Int) -> StampedMessage {
        if self.voiced[dialect] == nil { self.voiced[dialect] = self.makeVoiced(dialect) }
        let messages = self.voiced[dialect] ?? []
        return messages[index % messages.count]
    }

    func silent(_ dialect: LoadDialect) -> StampedMessage {
        if let known = self.silent[dialect] { return known }
        let made = Self.message(dialect, Voice.silence(milliseconds: self.milliseconds(dialect)))
        self.silent[dialect] = made
        return made
    }

    private func makeVoiced(_ dialect: LoadDialect) -> [StampedMessage] {
        let voice = Voice.pcm(milliseconds: Voice.periodMilliseconds)
        let chunkBytes = self.chunkBytes(dialect)
        return stride(from: 0, to: voice.count, by: chunkBytes).map {
            Self.message(dialect, Array(voice[$0..<$0 + chunkBytes]))
        }
    }

    private static func message(_ dialect: LoadDialect, _ audio: [UInt8]) -> StampedMessage {
        switch dialect {
        case .json, .legacy: self.text("audio_chunk", audio)
        case .realtime: self.text("input_audio_buffer.append", audio)
        case .binary, .opus:
            StampedMessage(head: [1] + Array(repeating: 0, count: 15), audio: audio, encoding: .raw)
        }
    }

    private static func text(_ type: String, _ audio: [UInt8]) -> StampedMessage {
        StampedMessage(
            head: Array(#"{"type":"\#(type)","audio":""#.utf8), audio: audio, tail: Array(#""}"#.utf8),
            encoding: .base64)
    }

    /// A recording as a WAV file, stamped near its end: only all of it makes a turn.
    private static func makeUtterance() -> StampedMessage {
        let pcm = Voice.pcm(milliseconds: self.utteranceMilliseconds)
        let wav = WAVHeader.bytes(dataBytes: pcm.count, sampleRate: Voice.sampleRate) + pcm
        // A whole sample behind the header, and a whole group of base64.
        let stampAt = (wav.count - 40 * Voice.bytesPerMillisecond) / 6 * 6
        return StampedMessage(
            head: Array(#"{"type":"audio","format":"wav","audio":""#.utf8), audio: wav, stampAt: stampAt,
            tail: Array(#""}"#.utf8), encoding: .base64)
    }
}

/// The 44 bytes in front of PCM16 mono samples (RIFF, `fmt `, `data`).
enum WAVHeader {
    static func bytes(dataBytes: Int, sampleRate: Int) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let format = number(1, 2) + number(1, 2) + number(sampleRate, 4) + number(sampleRate * 2, 4)
        return Array("RIFF".utf8) + number(36 + dataBytes, 4) + Array("WAVEfmt ".utf8) + number(16, 4) + format
            + number(2, 2) + number(16, 2) + Array("data".utf8) + number(dataBytes, 4)
    }
}
