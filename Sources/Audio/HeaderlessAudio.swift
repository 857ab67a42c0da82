/// PCM16 LE or G.711 without a header, whose rate and channels only the client knows.
struct HeaderlessAudio {
    private let format: ContainerFormat
    private let sampleRate: Int
    private let channels: Int

    /// PCM16 is 24 kHz and G.711 8 kHz, both mono, unless the hint says otherwise.
    init(_ format: ContainerFormat, hint: AudioHint) throws(AudioError) {
        self.format = format
        self.sampleRate = hint.statedRate ?? (format == .pcm16 ? speechSampleRate : 8_000)
        self.channels = hint.statedChannels ?? 1
        guard 8_000...48_000 ~= self.sampleRate else {
            throw .unsupported("\(format.rawValue) at \(self.sampleRate) Hz; 8000 to 48000 Hz are taken")
        }
        guard 1...2 ~= self.channels else {
            throw .unsupported("\(format.rawValue) with \(self.channels) channels; 1 or 2 are taken")
        }
    }

    func decode(_ bytes: [UInt8], limits: AudioLimits) throws(AudioError) -> PCMBuffer {
        let frameBytes = self.channels * (self.format == .pcm16 ? 2 : 1)
        guard bytes.count.isMultiple(of: frameBytes) else {
            throw .bad(
                "\(self.format.rawValue) of \(bytes.count) bytes is no whole number of frames of \(frameBytes) bytes")
        }
        try limits.check(frames: bytes.count / frameBytes, sampleRate: self.sampleRate)
        return PCMBuffer(samples: self.samples(bytes), sampleRate: self.sampleRate, channels: self.channels)
    }

    private func samples(_ bytes: [UInt8]) -> [Int16] {
        switch self.format {
        case .mulaw: return G711.decodeMuLaw(bytes)
        case .alaw: return G711.decodeALaw(bytes)
        default:
            var assembler = SampleAssembler()
            return assembler.push(bytes)
        }
    }
}
