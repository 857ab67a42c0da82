/// Decodes what this module leaves to a helper process: AAC in MP4 or ADTS, and MP3.
public protocol ContainerDecoder: Sendable {
    /// Decodes a whole file.
    ///
    /// - Parameters:
    ///   - bytes: the file, already below `limits.maxBytes`.
    ///   - format: what the first bytes say it is; no other demuxer needs to look.
    ///   - limits: to be kept while decoding, not after.
    /// - Returns: the audio at its own rate and with its own channels.
    func decode(_ bytes: [UInt8], format: ContainerFormat, limits: AudioLimits) async throws(AudioError) -> PCMBuffer
}
