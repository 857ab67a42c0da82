import CFFmpeg
import JSON

/// Makes the answer: a line that names rate and channels, then interleaved PCM16.
struct PCMOutput {
    private static let chunkSamples = 32 << 10

    private let limits: OutputLimits
    private var format: Format?
    private var frames = 0
    private var pending: [Int16] = []
    /// Nobody wants the rest.
    private(set) var isAbandoned = false

    /// What the first frame says; every later one has to say the same.
    private struct Format: Equatable {
        var sampleRate: Int
        var channels: Int

        init(_ frame: AVFrame) throws(DecodeFailure) {
            self.sampleRate = Int(frame.sample_rate)
            self.channels = Int(frame.ch_layout.nb_channels)
            guard 1...2 ~= self.channels else {
                throw .unsupported("\(self.channels) channels; a recording has 1 or 2")
            }
            guard 4_000...192_000 ~= self.sampleRate else {
                throw .unsupported("a sample rate of \(self.sampleRate) Hz")
            }
            guard frame.format == AV_SAMPLE_FMT_FLTP.rawValue else { throw .unsupported("samples that are no floats") }
        }
    }

    init(limits: OutputLimits) {
        self.limits = limits
    }

    mutating func append(_ frame: AVFrame, _ emit: ([UInt8]) -> Bool) throws(DecodeFailure) {
        let format = try Format(frame)
        if let first = self.format {
            // A stream may switch at any frame; what was made ready for one channel would then read past its end.
            guard format == first else { throw .unsupported("the sample rate or channels change within the recording") }
        } else {
            self.open(format, emit)
        }
        self.frames += Int(frame.nb_samples)
        try self.limits.check(frames: self.frames, sampleRate: format.sampleRate, channels: format.channels)
        try self.interleave(frame, channels: format.channels)
        while self.pending.count >= Self.chunkSamples { self.send(Self.chunkSamples, emit) }
    }

    mutating func finish(_ emit: ([UInt8]) -> Bool) throws(DecodeFailure) {
        guard self.frames > 0 else { throw .bad("the recording holds no sound") }
        if !self.pending.isEmpty { self.send(self.pending.count, emit) }
    }

    private mutating func open(_ format: Format, _ emit: ([UInt8]) -> Bool) {
        self.format = format
        let head: JSONValue = ["sample_rate": .integer(format.sampleRate), "channels": .integer(format.channels)]
        self.isAbandoned = !emit(head.encoded)
    }

    private mutating func send(_ count: Int, _ emit: ([UInt8]) -> Bool) {
        let chunk = self.pending.prefix(count).withUnsafeBytes { Array($0) }
        self.isAbandoned = self.isAbandoned || !emit(chunk)
        self.pending.removeFirst(count)
    }

    private mutating func interleave(_ frame: AVFrame, channels: Int) throws(DecodeFailure) {
        var planes: [UnsafePointer<Float>] = []
        for channel in 0..<channels {
            guard let plane = frame.extended_data[channel] else { throw .bad("a frame without samples") }
            planes.append(UnsafeRawPointer(plane).assumingMemoryBound(to: Float.self))
        }
        for index in 0..<Int(frame.nb_samples) {
            for channel in 0..<channels { self.pending.append(Self.pcm16(planes[channel][index]).littleEndian) }
        }
    }

    /// Hostile bytes decode to any float, infinities and NaN too.
    static func pcm16(_ sample: Float) -> Int16 {
        let scaled = (sample * 32_768).rounded(.toNearestOrEven)
        if scaled >= 32_767 { return .max }
        if scaled <= -32_768 { return .min }
        return scaled.isNaN ? 0 : Int16(scaled)
    }
}
