import JSON
import Synchronization
import Transport

/// A stand-in for a realtime model, for measuring what lies in front of it: it answers every piece of microphone audio
/// with the same audio at once, as one long reply that starts anew every ten seconds. It neither hears nor thinks.
///
/// It speaks the Realtime protocol's session, append and response events (GA names).
public struct EchoModel: ServerApplication {
    public init() {}

    public func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        .accept(EchoModelSession(), subprotocol: nil)
    }

    public func bodyLimit(for head: HTTPRequestHead) -> Int { 0 }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        HTTPResponse(status: 404, headers: [], body: .bytes(Array("an echo, no model\n".utf8)))
    }
}

private final class EchoModelSession: WebSocketHandler {
    private struct State {
        var replies = 0
        var chunksLeft = 0
    }

    private static let chunksPerReply = 250
    // Touched on the socket's loop alone; the lock is never contended and makes that checkable by the compiler.
    private let state = Mutex(State())

    func opened(_ socket: WebSocket) {
        self.send(["type": "session.created", "session": ["id": "sess_echo", "type": "realtime"]], to: socket)
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        guard let event = ShallowObject(text) else { return }
        if event.equals("type", "input_audio_buffer.append") {
            guard let audio = event.plainBytes("audio") else { return }
            self.echo(audio, to: socket)
        } else if event.equals("type", "session.update") {
            self.send(["type": "session.updated", "session": ["id": "sess_echo", "type": "realtime"]], to: socket)
        } else if event.equals("type", "response.create") {
            // A greeting was asked for: an empty reply is the shortest one.
            self.send(["type": "response.created", "response": ["id": "resp_greeting"]], to: socket)
            self.send(
                ["type": "response.done", "response": ["id": "resp_greeting", "status": "completed"]], to: socket)
        }
    }

    private func echo(_ base64: UnsafeRawBufferPointer, to socket: WebSocket) {
        let (number, starts) = self.state.withLock { state in
            let starts = state.chunksLeft == 0
            if starts { (state.replies, state.chunksLeft) = (state.replies + 1, Self.chunksPerReply) }
            state.chunksLeft -= 1
            return (state.replies, starts)
        }
        if starts {
            if number > 1 {
                let done: JSONValue = ["id": .string("resp_\(number - 1)"), "status": "completed"]
                self.send(["type": "response.done", "response": done], to: socket)
            }
            self.send(["type": "response.created", "response": ["id": .string("resp_\(number)")]], to: socket)
        }
        var delta = Array(
            #"{"type":"response.output_audio.delta","response_id":"resp_\#(number)","item_id":"item_\#(number)","delta":""#
                .utf8)
        delta.append(contentsOf: base64)
        delta.append(contentsOf: #""}"#.utf8)
        _ = socket.send(text: delta)
    }

    private func send(_ event: JSONValue, to socket: WebSocket) {
        _ = socket.send(text: event.encoded)
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}
    func closed(_ socket: WebSocket, _ close: WebSocketClose) {}
}
