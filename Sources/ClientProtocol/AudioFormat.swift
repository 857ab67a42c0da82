import JSON

/// How samples are written on the wire.
public enum AudioCodec: String, Sendable, CaseIterable {
    /// Little endian.
    case pcm16
    /// Bare packets (RFC 6716), one in each message.
    case opus
    /// G.711.
    case mulaw, alaw
    /// The stream of a browser's recorder, cut anywhere; from a client only.
    case webmOpus = "webm-opus"
}

/// The audio of one direction, as `hello` asks for it and `welcome` grants it.
public struct AudioFormat: Sendable, Equatable {
    public var codec: AudioCodec
    /// Hz of the samples. Opus decodes at any of its rates; what is granted is the clock of `media_ts`.
    public var rate: Int
    public var channels: Int
    /// Milliseconds of audio in one binary frame or one Opus packet, from the gateway.
    public var frameMs: Int

    public init(_ codec: AudioCodec, rate: Int, channels: Int = 1, frameMs: Int = 20) {
        self.codec = codec
        self.rate = rate
        self.channels = channels
        self.frameMs = frameMs
    }

    /// What a client gets, and is taken to send, that says nothing.
    public static let plain = AudioFormat(.pcm16, rate: 24_000)

    /// Whether what the gateway sends comes in pieces of ``frameMs``; other audio comes in pieces of any length.
    public func isFramed(isBinary: Bool) -> Bool { isBinary || self.codec == .opus }
}

// What is taken and what can be given.
extension AudioFormat {
    fileprivate static let opusRates: Set = [8_000, 12_000, 16_000, 24_000, 48_000]
    fileprivate static let outputRates: Set = [8_000, 16_000, 24_000, 48_000]
    /// An Opus packet ends at 120 ms; with more than 100 the send-ahead window would hold too few of them.
    private static let frameDurations = [10, 20, 40, 60, 80, 100]

    /// Reads `audio.in` of a `hello`.
    ///
    /// - Throws: `unsupported_format` with a sentence that says what is taken.
    static func input(_ asked: JSONValue?) throws(ClientMessageError) -> AudioFormat {
        guard let codec = AudioCodec(rawValue: asked?["codec"]?.string ?? AudioCodec.pcm16.rawValue) else {
            throw self.unsupported("audio.in.codec must be pcm16, opus, mulaw, alaw or webm-opus")
        }
        let rate = try self.number(asked, "rate") ?? codec.usualRate(to: .gateway)
        let channels = try self.number(asked, "channels") ?? 1
        guard 1...2 ~= channels, !codec.isTelephony || channels == 1 else {
            throw self.unsupported("audio.in.channels must be \(codec.isTelephony ? "1" : "1 or 2")")
        }
        guard codec.takes(rate: rate) else { throw self.unsupported("audio.in.rate must be \(codec.rates)") }
        return AudioFormat(codec, rate: rate, channels: channels)
    }

    /// Chooses from `audio.out` of a `hello`: the first that can be given. One that is not known is passed over, so that
    /// a client may offer tomorrow's codecs to today's gateway.
    ///
    /// - Throws: `unsupported_format` where something was offered and nothing fits.
    static func output(_ offered: JSONValue?) throws(ClientMessageError) -> AudioFormat {
        let offers: [JSONValue]
        switch offered {
        case .none, .null, .array([]): return .plain
        case .array(let values): offers = values
        case .some(let value): offers = [value]
        }
        guard let granted = offers.lazy.compactMap({ Self.granted($0) }).first else {
            throw self.unsupported(
                "audio.out offers nothing that can be sent: pcm16 at 8000, 16000, 24000 or 48000 Hz, opus, mulaw or "
                    + "alaw at 8000 Hz, one channel")
        }
        return granted
    }

    private static func granted(_ offer: JSONValue) -> AudioFormat? {
        guard let codec = offer["codec"]?.string.flatMap(AudioCodec.init(rawValue:)), codec != .webmOpus else {
            return nil
        }
        let rate = offer["rate"].map { $0.integer ?? 0 } ?? codec.usualRate(to: .client)
        guard (offer["channels"].map { $0.integer ?? 0 } ?? 1) == 1, codec.gives(rate: rate) else { return nil }
        let asked = offer["frame_ms"]?.integer ?? 20
        let frameMs = self.frameDurations.last { $0 <= asked } ?? self.frameDurations[0]
        return AudioFormat(codec, rate: rate, frameMs: frameMs)
    }

    private static func number(_ asked: JSONValue?, _ key: String) throws(ClientMessageError) -> Int? {
        guard let value = asked?[key] else { return nil }
        guard let number = value.integer else { throw self.unsupported("audio.in.\(key) must be a whole number") }
        return number
    }

    private static func unsupported(_ sentence: String) -> ClientMessageError {
        ClientMessageError(.unsupportedFormat, sentence)
    }
}

extension AudioCodec {
    fileprivate enum Receiver { case client, gateway }

    fileprivate var isTelephony: Bool { self == .mulaw || self == .alaw }

    /// Where nothing is said.
    fileprivate func usualRate(to receiver: Receiver) -> Int {
        switch self {
        case .pcm16: 24_000
        case .mulaw, .alaw: 8_000
        case .webmOpus: 48_000
        case .opus: receiver == .client ? 24_000 : 48_000
        }
    }

    fileprivate func takes(rate: Int) -> Bool {
        switch self {
        case .pcm16: 8_000...48_000 ~= rate
        case .mulaw, .alaw: rate == 8_000
        case .opus, .webmOpus: AudioFormat.opusRates.contains(rate)
        }
    }

    fileprivate func gives(rate: Int) -> Bool {
        switch self {
        case .pcm16: AudioFormat.outputRates.contains(rate)
        case .mulaw, .alaw: rate == 8_000
        case .opus: AudioFormat.opusRates.contains(rate)
        case .webmOpus: false
        }
    }

    fileprivate var rates: String {
        switch self {
        case .pcm16: "8000 to 48000"
        case .mulaw, .alaw: "8000"
        case .opus, .webmOpus: "8000, 12000, 16000, 24000 or 48000"
        }
    }
}
