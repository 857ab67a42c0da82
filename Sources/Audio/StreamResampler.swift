import CSoxr

/// Converts the rate of PCM16 that comes in pieces, without a seam between them.
///
/// One resampler serves one stream. The pieces may have any length: the output is the same, bit for bit, as that of the
/// whole. The end of a stream consumes the resampler, because soxr 0.1.3 crashes when it is used again after a flush.
// Sendable is unchecked because of the C pointer only: a noncopyable value has one owner, and every use is exclusive.
public struct StreamResampler: ~Copyable, @unchecked Sendable {
    private let channels: Int
    /// Nil when both rates are equal: the samples pass through.
    private let resampler: soxr_t?
    private var scratch: [Int16]
    /// Whether soxr filled the scratch buffer in the last run and may hold more.
    private var lastRunWasFull = false

    /// - Parameters:
    ///   - from: Hz of the input, 4,000 to 192,000.
    ///   - to: Hz of the output, 4,000 to 192,000.
    ///   - channels: 1 to 8, interleaved, in and out.
    /// - Throws: `unsupportedFormat` for a rate or channel count out of range, `resampler` with soxr's own text.
    public init(from: Int, to: Int, channels: Int = 1) throws(AudioError) {
        let rates = 4_000...192_000
        guard rates.contains(from), rates.contains(to), 1...8 ~= channels else {
            throw .unsupported(
                "resampling \(channels) channels from \(from) to \(to) Hz is outside 1 to 8 channels, 4000 to 192000 Hz"
            )
        }
        self.init(
            channels: channels, resampler: from == to ? nil : try Self.create(from: from, to: to, channels: channels))
    }

    private init(channels: Int, resampler: soxr_t?) {
        self.channels = channels
        self.resampler = resampler
        self.scratch = resampler == nil ? [] : [Int16](repeating: 0, count: 2_048 * channels)
    }

    deinit { if let resampler = self.resampler { soxr_delete(resampler) } }

    /// Converts one piece.
    ///
    /// - Parameters:
    ///   - input: frames × channels samples; the filter's tail, some 10 ms, carries over to the next call.
    ///   - output: appended to.
    /// - Throws: `badAudio` for a piece of broken frames, `resampler` with soxr's own text.
    public mutating func process(_ input: Span<Int16>, into output: inout [Int16]) throws(AudioError) {
        guard input.count.isMultiple(of: self.channels) else {
            throw .bad("\(input.count) samples are no whole frames of \(self.channels) channels")
        }
        // Null or empty input would tell soxr that the stream has ended.
        guard !input.isEmpty else { return }
        guard self.resampler != nil else {
            input.withUnsafeBufferPointer { output.append(contentsOf: $0) }
            return
        }
        var taken = 0
        while taken < input.count / self.channels || self.lastRunWasFull {
            taken += try input.withUnsafeBufferPointer { (samples) throws(AudioError) -> Int in
                try self.run(samples, from: taken, into: &output)
            }
        }
    }

    /// The same, from an array.
    public mutating func process(_ input: [Int16], into output: inout [Int16]) throws(AudioError) {
        try self.process(input.span, into: &output)
    }

    /// Appends the tail, so that all of the output lasts as long as all of the input.
    public consuming func finish(into output: inout [Int16]) throws(AudioError) {
        guard let resampler = self.resampler else { return }
        var made = 0
        repeat {
            let problem = soxr_process(resampler, nil, 0, nil, &self.scratch, self.scratch.count / self.channels, &made)
            try Self.check(problem)
            output.append(contentsOf: self.scratch.prefix(made * self.channels))
        } while made > 0
    }

    /// Returns the frames that soxr took.
    private mutating func run(
        _ input: UnsafeBufferPointer<Int16>, from frame: Int, into output: inout [Int16]
    ) throws(AudioError) -> Int {
        let frames = input.count / self.channels - frame
        let room = self.scratch.count / self.channels
        // One past the last sample is a legal pointer for a run that only drains.
        let start = input.baseAddress.map { $0 + frame * self.channels }
        var (taken, made) = (0, 0)
        try Self.check(soxr_process(self.resampler, start, frames, &taken, &self.scratch, room, &made))
        output.append(contentsOf: self.scratch.prefix(made * self.channels))
        self.lastRunWasFull = made == room
        guard taken > 0 || made > 0 || frames == 0 else { throw AudioError(.resampler, "soxr made no progress") }
        return taken
    }

    /// HQ quality. The block sizes decide the delay: by default soxr collects 4 to 73 ms and returns nothing from many
    /// calls; with both at 2^8 it is 4 to 30 ms. Setting only the first changes nothing.
    /// No dither: it would turn digital silence into noise of one LSB, which detectors of speech would hear.
    private static func create(from: Int, to: Int, channels: Int) throws(AudioError) -> soxr_t {
        var format = soxr_io_spec(SOXR_INT16_I, SOXR_INT16_I)
        format.flags = UInt(SOXR_NO_DITHER)
        var quality = soxr_quality_spec(UInt(SOXR_20_BITQ), 0)
        var runtime = soxr_runtime_spec(1)
        runtime.log2_min_dft_size = 8
        runtime.log2_large_dft_size = 8
        var problem: soxr_error_t?
        let resampler = soxr_create(
            Double(from), Double(to), UInt32(channels), &problem, &format, &quality, &runtime)
        try self.check(problem)
        guard let resampler else { throw AudioError(.resampler, "soxr gave no resampler", isRetriable: true) }
        return resampler
    }

    private static func check(_ problem: soxr_error_t?) throws(AudioError) {
        guard let problem else { return }
        throw AudioError(.resampler, "soxr: \(String(cString: problem))")
    }
}
