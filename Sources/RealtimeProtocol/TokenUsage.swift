import JSON

/// What a response cost its account, in tokens.
///
/// - Source: OpenAI Realtime, `response.done`, `usage`. There, cached tokens are a part of the input; here no token is in two
///   kinds.
public struct TokenUsage: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case textIn = "text_in"
        case cachedTextIn = "text_in_cached"
        case audioIn = "audio_in"
        case cachedAudioIn = "audio_in_cached"
        case textOut = "text_out"
        case audioOut = "audio_out"
    }

    private var counts: [Kind: Int]

    public init(_ counts: [Kind: Int] = [:]) {
        self.counts = counts.filter { $0.value > 0 }
    }

    /// 0 where there is none.
    public subscript(_ kind: Kind) -> Int { self.counts[kind] ?? 0 }

    public static func += (total: inout Self, usage: Self) {
        total.counts.merge(usage.counts) { $0 + $1 }
    }
}

extension TokenUsage {
    // More than any model takes; keeps the sums of a session from overflowing, whatever a server says.
    private static let maxCount = 1 << 30

    /// nil where the server says nothing. Tokens that it does not sort count as text.
    init?(_ usage: JSONValue?) {
        guard let usage, usage.object?.isEmpty == false else { return nil }
        let input = usage["input_token_details"]
        let cached = input?["cached_tokens_details"]
        let output = usage["output_token_details"]
        let audioIn = Self.count(input?["audio_tokens"])
        let audioOut = Self.count(output?["audio_tokens"])
        let textIn = input?["text_tokens"].map { Self.count($0) } ?? Self.count(usage["input_tokens"]) - audioIn
        let textOut = output?["text_tokens"].map { Self.count($0) } ?? Self.count(usage["output_tokens"]) - audioOut
        let cachedAudio = min(audioIn, Self.count(cached?["audio_tokens"]))
        let cachedText =
            cached?["text_tokens"].map { Self.count($0) } ?? Self.count(input?["cached_tokens"]) - cachedAudio
        let cachedTextIn = max(0, min(textIn, cachedText))
        self.init([
            .textIn: textIn - cachedTextIn, .cachedTextIn: cachedTextIn, .audioIn: audioIn - cachedAudio,
            .cachedAudioIn: cachedAudio, .textOut: textOut, .audioOut: audioOut,
        ])
    }

    private static func count(_ value: JSONValue?) -> Int {
        max(0, min(value?.integer ?? 0, Self.maxCount))
    }
}
