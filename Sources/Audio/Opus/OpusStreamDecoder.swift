/// Decodes WebM or Ogg with Opus to 24 kHz mono while it still comes in.
///
/// The pieces may be cut anywhere, also inside an element, as those of a browser's recorder are: the output is the same
/// as that of the whole.
public struct OpusStreamDecoder: ~Copyable {
    private var track: OpusTrackDecoder
    // Exactly one of the two; a payload of an enum could not be changed without a copy of its buffer.
    private var webm: WebMDemuxer?
    private var ogg: OggOpusDemuxer?

    /// - Throws: `unsupportedFormat` for a format other than `webm` and `ogg`.
    public init(_ format: ContainerFormat, limits: AudioLimits = AudioLimits()) throws(AudioError) {
        guard format == .webm || format == .ogg else {
            throw .unsupported("\(format.rawValue) is not decoded in pieces; webm and ogg are")
        }
        self.track = OpusTrackDecoder(limits: limits)
        self.webm = format == .webm ? WebMDemuxer() : nil
        self.ogg = format == .ogg ? OggOpusDemuxer() : nil
    }

    /// Counts against the limits from nothing again: a live stream has no end that could be limited, its pieces have.
    public mutating func renewLimits() { self.track.renewLimits() }

    /// Takes the next piece and appends the samples that are complete with it.
    public mutating func push(_ bytes: ArraySlice<UInt8>, into output: inout [Int16]) throws(AudioError) {
        self.track.encodedBytes += bytes.count
        swap(&self.track.samples, &output)
        defer { swap(&self.track.samples, &output) }
        try self.webm?.push(bytes, into: &self.track)
        try self.ogg?.push(bytes, into: &self.track)
    }

    /// The same, from an array.
    public mutating func push(_ bytes: [UInt8], into output: inout [Int16]) throws(AudioError) {
        try self.push(bytes[...], into: &output)
    }

    /// Ends the stream. What was cut off at its end is left out.
    ///
    /// - Throws: `badAudio` when no stream ever began.
    public consuming func finish() throws(AudioError) {
        try self.webm?.finish()
        try self.ogg?.finish()
    }
}
