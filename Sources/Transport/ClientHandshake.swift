import Foundation

/// The client's half of the opening handshake (RFC 6455 section 4.1).
struct ClientHandshake {
    private let target: WebSocketTarget
    private let key: String

    /// - Parameter nonce: 16 bytes that nobody can foresee.
    init(_ target: WebSocketTarget, nonce: [UInt8] = SecureRandom.bytes(16)) {
        self.target = target
        self.key = Data(nonce).base64EncodedString()
    }

    var request: [UInt8] {
        var lines = [
            "GET \(self.target.path) HTTP/1.1", "Host: \(self.target.hostHeader)", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(self.key)",
        ]
        if !self.target.subprotocols.isEmpty {
            lines.append("Sec-WebSocket-Protocol: \(self.target.subprotocols.joined(separator: ", "))")
        }
        lines += self.target.headers.map { "\($0): \($1)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// Accepts the answer, or says why it opens no WebSocket.
    func check(_ head: ResponseHead) throws(TransportError) {
        guard head.status == 101 else { throw self.refused(head) }
        guard head.isVersion11 else { throw self.fault("the version is not HTTP/1.1") }
        guard head.headers.list("upgrade").map({ $0.lowercased() }) == ["websocket"] else {
            throw self.fault("upgrade is not websocket")
        }
        guard head.headers.list("connection").contains(where: { $0.lowercased() == "upgrade" }) else {
            throw self.fault("connection has no upgrade")
        }
        guard head.headers.all("sec-websocket-accept") == [OpeningHandshake.accept(self.key)] else {
            throw self.fault("sec-websocket-accept does not answer the key")
        }
        guard head.headers.list("sec-websocket-extensions").isEmpty else {
            throw self.fault("an extension that was not offered")
        }
        let chosen = head.headers.all("sec-websocket-protocol")
        guard chosen.count <= 1, chosen.allSatisfy(self.target.subprotocols.contains) else {
            throw self.fault("a subprotocol that was not offered")
        }
    }

    /// More of the answer; nil while its head is not complete.
    func read(
        _ bytes: UnsafeRawBufferPointer, with parser: inout ResponseHeadParser
    ) throws(TransportError) -> ResponseHead? {
        do throws(HeadFault) {
            return try parser.take(bytes)
        } catch {
            switch error {
            case .tooLarge(let limit): throw self.fault("the answer's head exceeds \(limit) bytes")
            case .tooManyFields(let limit): throw self.fault("more than \(limit) header fields")
            case .malformed(let text): throw self.fault(text)
            }
        }
    }

    private func fault(_ text: String) -> TransportError {
        TransportError(.handshake, "\(self.target.host): \(text)")
    }

    private func refused(_ head: ResponseHead) -> TransportError {
        TransportError(
            .upgradeRefused, "\(self.target.host) refused the upgrade with status \(head.status)",
            isRetriable: head.status == 429 || head.status >= 500, httpStatus: head.status,
            retryAfterSeconds: head.headers["retry-after"].flatMap { Int($0) })
    }
}
