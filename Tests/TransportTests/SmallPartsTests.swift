import Foundation
import Testing

@testable import Transport

struct TimerQueueTests {
    @Test func `entries come in the order of their time, equal ones in the order they were put in`() {
        var queue = TimerQueue<Int>()
        let start = ContinuousClock.now
        let times = (0..<500).map { ($0 * 7_919) % 97 }
        for (index, time) in times.enumerated() { queue.insert(index, due: start + .milliseconds(time)) }
        var order: [Int] = []
        while let entry = queue.popDue(at: start + .seconds(1)) { order.append(entry.element) }
        #expect(order == times.indices.sorted { (times[$0], $0) < (times[$1], $1) })
    }

    @Test func `nothing comes before its time`() {
        var queue = TimerQueue<Int>()
        let start = ContinuousClock.now
        queue.insert(1, due: start + .seconds(2))
        #expect(queue.popDue(at: start + .seconds(1)) == nil)
        #expect(queue.nextDue == start + .seconds(2))
    }

    @Test func `compacting keeps the order of what stays`() {
        var queue = TimerQueue<Int>()
        let start = ContinuousClock.now
        for index in 0..<100 { queue.insert(index, due: start + .milliseconds((index * 37) % 100)) }
        queue.compact { $0 % 3 == 0 }
        var order: [Int] = []
        while let entry = queue.popDue(at: start + .seconds(1)) { order.append(entry.element) }
        #expect(order == (0..<100).filter { $0 % 3 == 0 }.sorted { ($0 * 37) % 100 < ($1 * 37) % 100 })
    }
}

struct LivenessTests {
    private let start = ContinuousClock.now

    @Test func `a silent peer is pinged, then given up`() {
        var liveness = Liveness(ping: .seconds(15), hangUp: .seconds(45), now: self.start)
        #expect(liveness.untilNextCheck == .seconds(15))
        #expect(liveness.check(at: self.start + .seconds(15)) == .ping)
        #expect(liveness.check(at: self.start + .seconds(30)) == .ping)
        #expect(liveness.untilNextCheck == .seconds(15))
        #expect(liveness.check(at: self.start + .seconds(45)) == .hangUp)
    }

    @Test func `any byte is life`() {
        var liveness = Liveness(ping: .seconds(15), hangUp: .seconds(45), now: self.start)
        liveness.heard(at: self.start + .seconds(10))
        #expect(liveness.check(at: self.start + .seconds(15)) == .wait)
        #expect(liveness.untilNextCheck == .seconds(10))
    }
}

struct PingBudgetTests {
    @Test func `a burst passes, a flood does not`() {
        let start = ContinuousClock.now
        var budget = PingBudget(now: start)
        #expect((0..<100).allSatisfy { _ in budget.spend(at: start) })
        #expect((budget.spend(at: start)) == false)
    }

    @Test func `ten a second pass for ever`() {
        let start = ContinuousClock.now
        var budget = PingBudget(now: start)
        #expect((0..<10_000).allSatisfy { budget.spend(at: start + .milliseconds($0 * 100)) })
    }
}

struct CloseFrameTests {
    private func read(_ bytes: [UInt8]) -> CloseFrame? { bytes.withUnsafeBytes { CloseFrame($0) } }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535])
    func `codes that may not be on the wire are refused and not sent`(code: Int) {
        #expect(self.read([UInt8(code >> 8), UInt8(code & 0xFF)]) == nil)
        #expect(CloseFrame(code: code, reason: "").code == 1011)
    }

    @Test(arguments: [1000, 1003, 1007, 1014, 3000, 4999]) func `other codes pass`(code: Int) {
        #expect(self.read([UInt8(code >> 8), UInt8(code & 0xFF), 0x61])?.code == code)
    }

    @Test func `an empty body is 1005, one byte and bad text are refused`() {
        #expect(self.read([])?.code == 1005)
        #expect(self.read([3]) == nil)
        #expect(self.read([0x03, 0xE8, 0xFF]) == nil)
    }

    @Test func `a long reason is cut between characters`() {
        #expect(CloseFrame(code: 1000, reason: String(repeating: "न", count: 60)).reason.utf8.count == 123)
    }
}

struct URLPartsTests {
    @Test func `the parts of a URL are found`() throws {
        #expect(try URLParts("ws://h") == URLParts(isEncrypted: false, host: "h", port: 80, path: "/"))
        #expect(try URLParts("WSS://h:1/a?b#c") == URLParts(isEncrypted: true, host: "h", port: 1, path: "/a?b"))
        #expect(try URLParts("ws://[::1]:9?x") == URLParts(isEncrypted: false, host: "::1", port: 9, path: "/?x"))
    }

    @Test(arguments: [
        "", "http://h", "ws://", "ws://h:0", "ws://h:65536", "ws://h:x", "ws://u:p@h", "ws://h/ a", "ws://h/\r\nx: y",
    ]) func `what is no target is refused`(url: String) {
        #expect(throws: TransportError.self) { try URLParts(url) }
    }

    @Test func `a header cannot smuggle another`() {
        #expect(throws: TransportError.self) { try WebSocketTarget(url: "ws://h", headers: [("a", "b\r\nc: d")]) }
        #expect(throws: TransportError.self) { try WebSocketTarget(url: "ws://h", headers: [("a:", "b")]) }
        #expect(throws: TransportError.self) { try WebSocketTarget(url: "ws://h", subprotocols: ["a,b"]) }
    }
}

extension URLParts {
    fileprivate init(isEncrypted: Bool, host: String, port: Int, path: String) throws {
        try self.init(
            "\(isEncrypted ? "wss" : "ws")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)")
    }
}

struct ResponseEncoderTests {
    private func head(_ response: HTTPResponse, length: Int?, method: String = "GET") -> String? {
        let request = HTTPRequestHead(method: method, path: "/")
        let encoder = ResponseEncoder(status: response.status, length: length, request: request)
        let date = Date(timeIntervalSince1970: 784_111_777)
        return encoder.head(response, length: length, date: date).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a head has the server's own fields and the application's`() {
        #expect(
            self.head(HTTPResponse(status: 200, headers: [("x-a", "b"), ("Connection", "keep-alive")]), length: 2)
                == "HTTP/1.1 200 OK\r\nx-a: b\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: 2\r\n"
                + "connection: close\r\n\r\n")
    }

    @Test(arguments: [
        ("a", "b\r\nset-cookie: c"), ("a", "b\nc"), ("a\r\nb", "c"), ("", "c"), ("a b", "c"), ("a", "\u{0}"),
    ])
    func `a header that could begin another is refused`(name: String, value: String) {
        #expect(self.head(HTTPResponse(status: 200, headers: [(name, value)]), length: 0) == nil)
    }

    @Test func `HEAD has the length and no body`() {
        let encoder = ResponseEncoder(status: 200, length: 5, request: HTTPRequestHead(method: "HEAD", path: "/"))
        #expect(encoder.frame([1, 2, 3, 4, 5]).isEmpty)
        #expect(
            self.head(HTTPResponse(status: 200), length: 5, method: "HEAD")?.contains("content-length: 5\r\n") == true)
    }
}

struct OpeningHandshakeTests {
    @Test func `the key of RFC 6455 has the answer of RFC 6455`() {
        #expect(OpeningHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `a subprotocol that is no token is not sent`() {
        let answer = OpeningHandshake.answer(key: "x", subprotocol: "a\r\nb: c")
        #expect(!String(decoding: answer, as: UTF8.self).contains("protocol"))
    }
}
