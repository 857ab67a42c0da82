import JSON
import Transport

/// A stand-in for a realtime model, for measuring what lies in front of it. It neither hears nor thinks.
///
/// With turn detection it answers every piece of microphone audio with the same audio at once, as one long reply that
/// starts anew every ten seconds; without it, a response is what was committed before. It writes down in the audio's own
/// stamps when it had them. It speaks the Realtime protocol's session, append and response events (GA names).
public struct EchoModel: ServerApplication {
    public init() {}

    public func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        .accept(EchoSession(), subprotocol: nil)
    }

    public func bodyLimit(for head: HTTPRequestHead) -> Int { 0 }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        HTTPResponse(status: 404, headers: [], body: .bytes(Array("an echo, no model\n".utf8)))
    }
}
