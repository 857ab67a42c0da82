/// What bounds one WebSocket.
struct WebSocketSettings: Sendable {
    var maxMessageBytes: Int
    var maxFragments: Int
    var maxQueuedBytes: Int
    var ping: Duration
    var hangUp: Duration
    var closeTimeout: Duration
    var kernelSendBufferBytes: Int
}

extension ServerConfiguration {
    var webSocket: WebSocketSettings {
        WebSocketSettings(
            maxMessageBytes: self.maxMessageBytes, maxFragments: self.maxFragments, maxQueuedBytes: self.maxQueuedBytes,
            ping: self.ping, hangUp: self.hangUp, closeTimeout: self.closeTimeout,
            kernelSendBufferBytes: self.kernelSendBufferBytes)
    }
}
