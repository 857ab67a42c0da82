/// Makes 24 kHz mono PCM16 of whatever a client recorded.
///
/// The bytes decide what they are; a hint only names what has no header.
public struct UtteranceDecoder: Sendable {
    private let containers: any ContainerDecoder
    private let limits: AudioLimits

    /// - Parameter containers: decodes AAC and MP3.
    public init(containers: any ContainerDecoder, limits: AudioLimits = AudioLimits()) {
        self.containers = containers
        self.limits = limits
    }

    /// Decodes a whole utterance, away from the caller's executor: two minutes of Opus cost some 0.3 s of CPU.
    ///
    /// - Throws: `badAudio`, `unsupportedFormat` or `tooLarge` with a sentence that a client may be shown.
    @concurrent
    public func decode(_ bytes: [UInt8], hint: AudioHint = AudioHint()) async throws(AudioError) -> [Int16] {
        guard !bytes.isEmpty else { throw .bad("audio of 0 bytes") }
        try self.limits.check(encodedBytes: bytes.count)
        let format = try Self.format(of: bytes, hint: hint)
        let samples = try await self.decode(bytes, as: format, hint: hint)
        guard !samples.isEmpty else { throw .bad("\(format.rawValue) of \(bytes.count) bytes holds no audio") }
        return samples
    }

    private func decode(
        _ bytes: [UInt8], as format: ContainerFormat, hint: AudioHint
    ) async throws(AudioError) -> [Int16] {
        switch format {
        case .wav:
            return try WAVFile(bytes).decode(limits: self.limits).resampledForSpeech()
        case .pcm16, .mulaw, .alaw:
            return try HeaderlessAudio(format, hint: hint).decode(bytes, limits: self.limits).resampledForSpeech()
        case .webm, .ogg:
            return try self.decodeOpusStream(bytes, as: format)
        case .m4a:
            return try await self.decodeMP4(bytes)
        case .mp3, .adts:
            return try await self.decodeElsewhere(bytes, as: format)
        }
    }

    private func decodeOpusStream(_ bytes: [UInt8], as format: ContainerFormat) throws(AudioError) -> [Int16] {
        var decoder = try OpusStreamDecoder(format, limits: self.limits)
        var samples: [Int16] = []
        try decoder.push(bytes, into: &samples)
        try decoder.finish()
        return samples
    }

    private func decodeMP4(_ bytes: [UInt8]) async throws(AudioError) -> [Int16] {
        let file = try MP4File(bytes)
        switch file.track.codec {
        case "Opus":
            var demuxer = MP4OpusDemuxer(file)
            var track = OpusTrackDecoder(limits: self.limits, encodedBytes: bytes.count)
            try demuxer.packets(into: &track)
            return track.samples
        case "mp4a", ".mp3":
            return try await self.decodeElsewhere(bytes, as: .m4a)
        default:
            throw .unsupported("mp4 audio codec \(file.track.codec); mp4a (aac) and Opus are taken")
        }
    }

    /// What comes back was made from hostile bytes by another process, so it is judged like them.
    private func decodeElsewhere(_ bytes: [UInt8], as format: ContainerFormat) async throws(AudioError) -> [Int16] {
        let audio = try await self.containers.decode(bytes, format: format, limits: self.limits)
        guard 1...8 ~= audio.channels, 4_000...192_000 ~= audio.sampleRate else {
            throw .unsupported("\(format.rawValue) with \(audio.channels) channels at \(audio.sampleRate) Hz")
        }
        try self.limits.check(frames: audio.frames, sampleRate: audio.sampleRate)
        try self.limits.check(decodedBytes: audio.samples.count * 2, encodedBytes: bytes.count)
        return try audio.resampledForSpeech()
    }

    /// Magic outranks the hint; a hint for headerless audio outranks mere frame sync.
    static func format(of bytes: [UInt8], hint: AudioHint) throws(AudioError) -> ContainerFormat {
        if let format = ContainerFormat.byMagic(Array(bytes.prefix(12))) { return format }
        let hinted = hint.format.flatMap { ContainerFormat(hint: $0) }
        if let hinted, hinted.isHeaderless { return hinted }
        if let format = ContainerFormat.sniff(bytes) { return format }
        if let kind = ContainerFormat.refusedKind(bytes) { throw .unsupported("\(kind) is not taken; \(Self.taken)") }
        if let hinted {
            throw .bad(
                "audio said to be \(hinted.rawValue) lacks its header; a recording in pieces must be joined from its first"
            )
        }
        guard let name = hint.format else { throw .bad("\(bytes.count) bytes that are no audio; \(Self.taken)") }
        throw .unsupported("format \"\(name.prefix(40))\" is not known; \(Self.taken)")
    }

    private static let taken = "send m4a, webm, ogg, wav, mp3, adts, or name pcm16, mulaw or alaw"
}
