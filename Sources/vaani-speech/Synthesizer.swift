import CESpeakNG

/// espeak-ng, which exists once in a process and belongs to one thread.
final class Synthesizer {
    /// Milliseconds of sound that espeak-ng makes before it calls back.
    private static let bufferMs: Int32 = 20
    private static let sampleRate: Int32 = 22_050

    private var voice = ""

    init() throws {
        let rate = espeak_Initialize(
            AUDIO_OUTPUT_SYNCHRONOUS, Self.bufferMs, nil, Int32(espeakINITIALIZE_DONT_EXIT))
        guard rate == Self.sampleRate else { throw SpeechFailure("espeak-ng has no data, or speaks at \(rate) Hz") }
        espeak_SetSynthCallback { samples, count, events in
            guard let context = events?.pointee.user_data else { return 1 }
            let chunks = Unmanaged<ChunkWriter>.fromOpaque(context).takeUnretainedValue()
            return chunks.write(UnsafeBufferPointer(start: samples, count: Int(count))) ? 0 : 1
        }
        try self.select(voice: "en-us")
    }

    /// Speaks until the text ends or `emit` returns false.
    func speak(_ command: SpeechCommand, _ emit: ([UInt8]) -> Bool) throws {
        try self.select(voice: command.voice)
        espeak_SetParameter(espeakRATE, Int32(command.rate), 0)
        espeak_SetParameter(espeakPITCH, Int32(command.pitch), 0)
        espeak_SetParameter(espeakRANGE, Int32(command.range), 0)
        try withoutActuallyEscaping(emit) { emit in
            let chunks = ChunkWriter(emit)
            let text = Array(command.text.utf8CString)
            // No espeakSSML and no espeakPHONEMES: the text is only ever read aloud.
            let status = espeak_Synth(
                text, text.count, 0, POS_CHARACTER, 0, UInt32(espeakCHARS_UTF8), nil,
                Unmanaged.passUnretained(chunks).toOpaque())
            guard status == EE_OK else { throw SpeechFailure("espeak-ng gives status \(status.rawValue)") }
            chunks.flush()
        }
    }

    private func select(voice: String) throws {
        guard voice != self.voice else { return }
        guard espeak_SetVoiceByName(voice) == EE_OK else { throw SpeechFailure("espeak-ng has no voice \(voice)") }
        self.voice = voice
    }
}

/// Joins espeak-ng's buffers: the first goes out at once, later ones in larger pieces, which cost less to pass on.
private final class ChunkWriter {
    private static let largestBytes = 22_050 / 5 * 2

    private let emit: ([UInt8]) -> Bool
    private var pending: [UInt8] = []
    private var threshold = 1
    private var isWanted = true

    init(_ emit: @escaping ([UInt8]) -> Bool) {
        self.emit = emit
    }

    /// Returns false once nobody listens any more.
    func write(_ samples: UnsafeBufferPointer<Int16>) -> Bool {
        guard samples.count > 0 else { return self.isWanted }
        self.pending.append(contentsOf: UnsafeRawBufferPointer(samples))
        guard self.pending.count >= self.threshold else { return self.isWanted }
        self.threshold = min(self.pending.count * 2, Self.largestBytes)
        self.flush()
        return self.isWanted
    }

    func flush() {
        guard !self.pending.isEmpty, self.isWanted else { return }
        self.isWanted = self.emit(self.pending)
        self.pending.removeAll(keepingCapacity: true)
    }
}
