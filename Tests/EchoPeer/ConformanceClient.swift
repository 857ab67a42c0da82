import Synchronization
import Transport

/// Drives an Autobahn fuzzing server: asks for the number of cases, echoes through each, asks for the report.
struct ConformanceClient {
    let url: String
    let loop: EventLoop

    func run() async throws {
        let count = Int(try await self.firstText("/getCaseCount")) ?? 0
        for number in 1...max(1, count) {
            try await self.echo("/runCase?case=\(number)&agent=vaani")
        }
        try await self.echo("/updateReports?agent=vaani")
        print("\(count) cases")
    }

    private func echo(_ path: String) async throws {
        let target = try self.target(path)
        await withCheckedContinuation { finished in
            self.loop.execute { _ = self.loop.connect(target, handler: EchoHandler { finished.resume() }) }
        }
    }

    private func firstText(_ path: String) async throws -> String {
        let target = try self.target(path)
        return await withCheckedContinuation { finished in
            self.loop.execute { _ = self.loop.connect(target, handler: TextHandler { finished.resume(returning: $0) }) }
        }
    }

    private func target(_ path: String) throws -> WebSocketTarget {
        var target = try WebSocketTarget(url: self.url + path)
        target.maxMessageBytes = 32 << 20
        target.maxQueuedBytes = 64 << 20
        return target
    }
}

/// Keeps the last text message and hands it over when the connection ends.
private final class TextHandler: WebSocketHandler {
    private let text = Mutex("")
    private let whenClosed: @Sendable (String) -> Void

    init(whenClosed: @escaping @Sendable (String) -> Void) {
        self.whenClosed = whenClosed
    }

    func opened(_ socket: WebSocket) {}

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.text.withLock { $0 = String(decoding: text, as: UTF8.self) }
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {}
    func drained(_ socket: WebSocket) {}

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.whenClosed(self.text.withLock { $0 })
    }
}
