/// What a client may ask for in `hello.features`; `welcome.features` says what it got.
public enum Feature: String, Sendable, CaseIterable {
    /// Audio goes as binary frames, both ways.
    case binary
    /// Nothing is sent for silence within a reply: the client fills it by `media_ts` (`offset_ms` in JSON). Opus only.
    case dtx
    /// The client holds a reply at `pause` until it is told to go on.
    case pause
    /// Each reply ends with a `mark`, which the client acknowledges when it has played so far.
    case marks
    /// Each answer is followed by `metrics`: where its time went.
    case metrics
}
