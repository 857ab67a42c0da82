import ClientProtocol
import RealtimeProtocol

/// The user's connection, as a session sees it. Confined to the session's executor.
public protocol Downstream: Sendable {
    /// Queues one frame that `ServerMessage.encoded` made.
    @discardableResult
    func send(_ frame: [UInt8]) -> SendOutcome

    /// Queues one binary frame, header and payload.
    @discardableResult
    func send(binary frame: [UInt8]) -> SendOutcome

    /// Bytes that wait for the user to read.
    var bufferedBytes: Int { get }

    /// Stops and resumes taking what the user sends.
    func pauseReading()
    func resumeReading()

    func close(_ code: CloseCode, reason: String)
}
