/// How much sound one file may become.
struct OutputLimits: Equatable {
    /// The first second may always come out: a very short clip is mostly headers.
    private static let freeBytes = 2 * 48_000

    var maxSeconds: Double
    /// Decoded PCM16 bytes for each encoded byte: 1 MB of ADTS can hold three hours of nothing.
    var maxExpansion: Int
    var encodedBytes: Int

    /// - Parameter frames: samples of one channel so far, with those that wait to be admitted.
    func check(frames: Int, sampleRate: Int, channels: Int) throws(DecodeFailure) {
        guard Double(frames) <= self.maxSeconds * Double(sampleRate) else {
            throw .tooLarge("the recording is longer than \(Int(self.maxSeconds)) s")
        }
        let bytes = frames * channels * 2
        guard bytes <= max(self.encodedBytes * self.maxExpansion, Self.freeBytes) else {
            throw .tooLarge(
                "the recording of \(self.encodedBytes) bytes decodes to more than \(self.maxExpansion) times its size")
        }
    }
}
