/// Writes the body of a streaming answer. Each write waits until the client has taken most of what was written before.
public final class HTTPBodyWriter: Sendable {
    private let connection: ServerConnection

    init(_ connection: ServerConnection) {
        self.connection = connection
    }

    /// - Throws: ``TransportError`` with code `connection_closed` when the client has gone.
    public func write(_ bytes: [UInt8]) async throws {
        let connection = self.connection
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            connection.loop.execute { connection.write(bytes, resuming: continuation) }
        }
    }

    /// The UTF-8 of a text.
    public func write(_ text: String) async throws {
        try await self.write(Array(text.utf8))
    }
}
