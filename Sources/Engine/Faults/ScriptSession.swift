import Observability
import Transport

/// One scripted connection: performs what its `ScriptMachine` decides, with an engine session behind it.
///
/// Confined to its event loop.
final class ScriptSession: WebSocketHandler, EventSink, @unchecked Sendable {
    // All state is touched on `loop` alone.
    private let loop: EventLoop
    private let run: ScriptRun
    private let number: Int
    private let engine: EngineSession
    private var machine: ScriptMachine
    private var socket: WebSocket?
    private var alarm: ScheduledTask?
    private var actions: [ScriptMachine.Action] = []
    private var isPerforming = false

    init(_ connection: FaultScript.Connection, number: Int, engine: EngineSession, loop: EventLoop, run: ScriptRun) {
        self.loop = loop
        self.run = run
        self.number = number
        self.engine = engine
        self.machine = ScriptMachine(connection, dialect: run.script.dialect)
    }

    // MARK: WebSocketHandler

    func opened(_ socket: WebSocket) {
        self.socket = socket
        self.engine.assumeIsolated { $0.begin(self) }
        self.change { $0.opened() }
    }

    func received(text: UnsafeRawBufferPointer, from socket: WebSocket) {
        let text = Array(text)
        self.change { $0.received(text) }
    }

    func received(binary: UnsafeRawBufferPointer, from socket: WebSocket) {
        self.change { $0.receivedBinary() }
    }

    func drained(_ socket: WebSocket) {
        self.engine.drained(socket)
    }

    func closed(_ socket: WebSocket, _ close: WebSocketClose) {
        self.socket = nil
        self.alarm?.cancel()
        self.engine.assumeIsolated { $0.finish(close.code) }
        self.change { $0.closed(code: close.code) }
    }

    // MARK: EventSink

    func send(text: [UInt8]) -> SendResult {
        guard self.socket != nil else { return .closed }
        self.change { $0.engineSent(text) }
        return .sent
    }

    var bufferedBytes: Int { self.socket?.bufferedBytes ?? 0 }

    func close(code: Int, reason: String) {
        self.socket?.close(code: code, reason: reason)
    }

    // MARK: Actions

    private func change(_ body: (inout ScriptMachine) -> [ScriptMachine.Action]) {
        self.actions += body(&self.machine)
        self.perform()
        self.run.report(self.number, self.machine.progress)
    }

    /// In order, also where the engine answers within one of them.
    private func perform() {
        guard !self.isPerforming else { return }
        self.isPerforming = true
        while !self.actions.isEmpty { self.perform(self.actions.removeFirst()) }
        self.isPerforming = false
    }

    private func perform(_ action: ScriptMachine.Action) {
        switch action {
        case .send(let text):
            if self.socket?.send(text: text) == .dropped {
                self.socket?.close(code: 1008, reason: "events are not read")
            }
        case .toEngine(let text, let isAloud):
            self.machine.engineHears(isAloud: isAloud)
            self.engine.assumeIsolated { engine in text.withUnsafeBytes { engine.take($0) } }
            self.actions += self.machine.engineSettled()
        case .wake(let milliseconds, let ticket): self.wake(after: .milliseconds(milliseconds), ticket)
        case .close(let code, let reason): self.socket?.close(code: code, reason: reason)
        case .fault(let fault): self.socket?.inject(fault)
        case .stopReading: self.socket?.pauseReading()
        }
    }

    private func wake(after pause: Duration, _ ticket: Int) {
        self.alarm?.cancel()
        self.alarm = self.loop.schedule(after: pause) { [weak self] in self?.change { $0.woken(ticket) } }
    }
}
