/// What a client says about its audio; the bytes outrank it.
public struct AudioHint: Sendable, Equatable {
    /// A name such as `webm` or a MIME type such as `audio/pcm;rate=16000`.
    public var format: String?
    /// Hz; counts for headerless audio only.
    public var sampleRate: Int?
    /// Counts for headerless audio only.
    public var channels: Int?

    public init(format: String? = nil, sampleRate: Int? = nil, channels: Int? = nil) {
        self.format = format
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// `sampleRate`, or the `rate` parameter of a MIME type.
    var statedRate: Int? { self.sampleRate ?? self.parameter("rate") }

    /// `channels`, or the parameter of that name of a MIME type.
    var statedChannels: Int? { self.channels ?? self.parameter("channels") }

    private func parameter(_ name: String) -> Int? {
        guard let format = self.format else { return nil }
        for part in format.split(separator: ";").dropFirst() {
            let pair = part.filter { $0 != " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2, pair[0].lowercased() == name { return Int(pair[1]) }
        }
        return nil
    }
}
