import Transport

/// Where the events of an engine session go. Confined to the session's loop.
protocol EventSink: AnyObject, Sendable {
    /// One text frame.
    func send(text: [UInt8]) -> SendResult
    /// Bytes that were taken and have not left.
    var bufferedBytes: Int { get }
    func close(code: Int, reason: String)
}

extension WebSocket: EventSink {}
