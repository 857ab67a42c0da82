/// The containers, and the headerless encodings, that an utterance may come in.
public enum ContainerFormat: String, Sendable, CaseIterable {
    case m4a, webm, ogg, wav, mp3, adts, pcm16, mulaw, alaw

    /// Reads the name or MIME type that a client gave, without its parameters.
    ///
    /// `aac` means ADTS, as `audio/aac` does; `audio/L16` is refused because it is big-endian.
    public init?(hint: String) {
        let type = hint.split(separator: ";", maxSplits: 1).first.map { $0.filter { $0 != " " }.lowercased() } ?? ""
        let name = type.split(separator: "/", maxSplits: 1).last.map(String.init) ?? ""
        switch name.hasPrefix("x-") ? String(name.dropFirst(2)) : name {
        case "m4a", "mp4", "mp4a-latm", "mpeg4", "quicktime", "mov": self = .m4a
        case "webm", "matroska", "mkv", "weba": self = .webm
        case "ogg", "oga", "opus", "ogg_opus": self = .ogg
        case "wav", "wave", "vnd.wave", "pn-wav": self = .wav
        case "mp3", "mpeg", "mpeg3", "mpga": self = .mp3
        case "aac", "adts", "aacp": self = .adts
        case "pcm", "pcm16", "pcm_s16le", "s16le", "raw", "linear16": self = .pcm16
        case "mulaw", "ulaw", "mu-law", "u-law", "pcmu", "pcm_mulaw", "g711_ulaw", "basic": self = .mulaw
        case "alaw", "a-law", "pcma", "pcm_alaw", "g711_alaw": self = .alaw
        default: return nil
        }
    }

    /// Whether the bytes carry no header, so that only a hint can name them.
    var isHeaderless: Bool { self == .pcm16 || self == .mulaw || self == .alaw }

    /// Recognises a container by its first bytes; nil when they are of none.
    public static func sniff(_ bytes: some Collection<UInt8>) -> ContainerFormat? {
        let head = Array(bytes.prefix(12))
        return Self.byMagic(head) ?? Self.byFrameSync(head)
    }

    /// Four bytes or more of magic, which headerless audio does not begin with by accident.
    static func byMagic(_ head: [UInt8]) -> ContainerFormat? {
        guard head.count >= 4 else { return nil }
        if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) { return .webm }
        if head.starts(with: "OggS".utf8) { return .ogg }
        guard head.count >= 8 else { return nil }
        if head.dropFirst(4).starts(with: "ftyp".utf8) { return .m4a }
        let isWave = head.starts(with: "RIFF".utf8) && head.dropFirst(8).elementsEqual("WAVE".utf8)
        return isWave ? .wav : nil
    }

    /// MPEG frames begin with 11 or 12 set bits; a loud PCM16 sample may do so too, so a hint for PCM outranks this.
    private static func byFrameSync(_ head: [UInt8]) -> ContainerFormat? {
        guard head.count >= 4 else { return nil }
        if head.starts(with: "ID3".utf8) { return .mp3 }
        guard head[0] == 0xFF, head[1] & 0xE0 == 0xE0 else { return nil }
        let layer = head[1] >> 1 & 3
        if layer == 0 { return head[1] & 0xF0 == 0xF0 && head[2] >> 2 & 0xF < 13 ? .adts : nil }
        let isKnown = head[1] >> 3 & 3 != 1 && head[2] >> 4 != 0xF && head[2] >> 2 & 3 != 3
        return layer == 1 && isKnown ? .mp3 : nil
    }

    /// The name of a container that is known but not taken, for the sentence that refuses it.
    static func refusedKind(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: "fLaC".utf8) { return "flac" }
        if bytes.starts(with: "caff".utf8) { return "caf" }
        if bytes.starts(with: "#!AMR".utf8) { return "amr" }
        if bytes.starts(with: "FORM".utf8) { return "aiff" }
        if bytes.starts(with: "RF64".utf8) || bytes.starts(with: "RIFX".utf8) { return "rf64 or big-endian wav" }
        return nil
    }
}
