/// What the embedded engine allows, and how fast it speaks.
public struct EngineConfiguration: Sendable {
    /// The one bearer token that opens a session; nil lets everybody in.
    public var key: String?
    /// Sessions beyond it are refused with 503.
    public var maxSessions = 2_000
    /// How much faster than real time audio is sent: 4 gives a second of speech in a quarter of a second.
    public var pace: Double = 4
    /// A session ends then with `session_expired`, as the vendor's do after an hour.
    public var maxSessionSeconds = 3_600
    /// The largest `input_audio_buffer.append`, in bytes of JSON. What is longer is refused with an `error` event.
    public var maxEventBytes = 15 << 20
    /// The largest event of any other type: parsing it holds up its loop for about 10 ms a megabyte.
    public var maxControlEventBytes = 1 << 20
    /// Items that a conversation keeps; the oldest go first.
    public var maxItems = 1_000
    /// Seconds of the user's speech kept for `conversation.item.retrieve`, over all items; the oldest go first.
    public var maxStoredAudioSeconds = 3
    /// Bytes that may wait in a socket's queue before no more audio is made for it.
    public var maxBacklogBytes = 64 << 10

    /// Who judges what is speech.
    public var detector = SpeechDetectorKind.combined
    /// How long a recognizer may take for one utterance.
    public var hearingPatience: Duration = .seconds(20)
    /// How long the first sentence of a language model may take, the words of the user that it answers included, before the
    /// engine answers in its stead.
    public var replyPatience: Duration = .seconds(6)
    /// Where sessions are recorded; nil records none.
    public var recording: RecordingSettings?

    public init() {}
}

extension EngineConfiguration {
    var machineLimits: EngineMachine.Limits {
        EngineMachine.Limits(
            conversation: Conversation.Limits(
                maxItems: self.maxItems, maxAudioBytes: self.maxStoredAudioSeconds * 48_000))
    }
}
