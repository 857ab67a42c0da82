/// What became of a message.
public enum SendResult: Sendable, Equatable {
    /// Given to the kernel.
    case sent
    /// Waiting in the socket's queue for the peer to read.
    case buffered
    /// The queue is full: nothing of the message was kept.
    case dropped
    /// The socket is closing or closed, or not open yet.
    case closed
}
