import Foundation
import JSON
import Transport

/// Carries out what `TalkMachine` decides: the socket, the files, the terminal and the clock.
struct TalkConversation {
    private enum Input: Sendable {
        case socket(TalkSocket.Event)
        case line(String)
        case inputEnded
        case timedOut
    }

    private let terminal: Terminal
    private let directory: PersonaDirectory
    private let player: Player?
    private let timeout: Duration
    private let isInteractive: Bool
    private let start = ContinuousClock.now
    private var machine: TalkMachine
    private var savePath: String?
    private var saved: [UInt8] = []
    private var socket: WebSocket?
    private var lastActivity = ContinuousClock.now

    init(
        machine: TalkMachine, terminal: Terminal, directory: PersonaDirectory, player: Player?, savePath: String?,
        timeout: Duration, isInteractive: Bool
    ) {
        self.machine = machine
        self.terminal = terminal
        self.directory = directory
        self.player = player
        self.savePath = savePath
        self.timeout = timeout
        self.isInteractive = isInteractive
    }

    private var elapsed: Duration { ContinuousClock.now - self.start }

    /// Talks until the conversation is over.
    ///
    /// - Parameter lines: what the person types; nil where everything to say is known.
    mutating func run(_ events: AsyncStream<TalkSocket.Event>, lines: AsyncStream<String>?) async throws(CommandError)
        -> ExitCode
    {
        var inputs = Self.merge(events, lines, checkEvery: .seconds(1)).makeAsyncIterator()
        while let input = await inputs.next() {
            guard let exit = try self.handle(input) else { continue }
            await self.player?.finish()
            self.send(["type": "bye"])
            await Self.untilClosed(&inputs)
            return exit
        }
        return .unavailable
    }

    /// Waits for the gateway's farewell, for a second or two at most.
    private static func untilClosed(_ inputs: inout AsyncStream<Input>.Iterator) async {
        var ticks = 0
        while ticks < 2, let input = await inputs.next() {
            if case .socket(.closed) = input { return }
            if case .timedOut = input { ticks += 1 }
        }
    }

    private static func merge(
        _ events: AsyncStream<TalkSocket.Event>, _ lines: AsyncStream<String>?, checkEvery interval: Duration
    ) -> AsyncStream<Input> {
        AsyncStream { continuation in
            let task = Task {
                await withTaskGroup { group in
                    group.addTask { for await event in events { continuation.yield(.socket(event)) } }
                    group.addTask {
                        guard let lines else { return }
                        for await line in lines { continuation.yield(.line(line)) }
                        continuation.yield(.inputEnded)
                    }
                    group.addTask {
                        while (try? await Task.sleep(for: interval)) != nil { continuation.yield(.timedOut) }
                    }
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private mutating func handle(_ input: Input) throws(CommandError) -> ExitCode? {
        switch input {
        case .socket(.opened(let socket)):
            self.socket = socket
            return try self.perform(self.machine.connected())
        case .socket(.message(let text)):
            self.lastActivity = .now
            guard let message = try? JSONValue(parsing: text) else { return nil }
            return try self.perform(self.machine.received(message, at: self.elapsed))
        case .socket(.closed(let close)): return try self.ended(close)
        case .line(let line): return try self.typed(line)
        case .inputEnded:
            return self.isInteractive ? .success : try self.perform(self.machine.queued(.finish, at: self.elapsed))
        case .timedOut:
            guard !self.isInteractive, .now - self.lastActivity > self.timeout else { return nil }
            throw CommandError(.unavailable, "no answer within \(self.timeout.settingText)")
        }
    }

    // MARK: What is typed

    private mutating func typed(_ line: String) throws(CommandError) -> ExitCode? {
        self.lastActivity = .now
        do throws(CommandError) {
            switch TalkLine(line) {
            case .empty: self.prompt()
            case .quit:
                guard !self.isInteractive else { return .success }
                return try self.perform(self.machine.queued(.finish, at: self.elapsed))
            case .help: self.show(TalkLine.commands.joined(separator: "   "))
            case .unknown(let word):
                self.show("there is no command \(word); \(TalkLine.commands.joined(separator: ", "))")
            case .say(let text): return try self.take(.say(.text(text)))
            case .switchTo(let name): return try self.take(.switchTo(self.directory.resolve(name)))
            case .sendFile(let path): return try self.take(.say(TalkCommand.recording(path)))
            case .saveTo(let path): try self.save(to: path)
            }
        } catch {
            guard self.isInteractive else { throw error }
            self.show(error.description)
        }
        return nil
    }

    /// A person may speak in between; the lines of a pipe wait for each other's answers.
    private mutating func take(_ step: TalkMachine.Step) throws(CommandError) -> ExitCode? {
        guard self.isInteractive else { return try self.perform(self.machine.queued(step, at: self.elapsed)) }
        switch step {
        case .say(let turn): return try self.perform(self.machine.said(turn, at: self.elapsed))
        case .switchTo(let persona): return try self.perform(self.machine.switched(to: persona))
        case .finish: return .success
        }
    }

    private mutating func save(to path: String) throws(CommandError) {
        self.savePath = path
        guard !self.saved.isEmpty else { return self.show("the next reply goes to \(path)") }
        try self.write(self.saved)
        self.show("saved to \(path)")
    }

    // MARK: What is decided

    private mutating func perform(_ actions: [TalkMachine.Action]) throws(CommandError) -> ExitCode? {
        for action in actions {
            switch action {
            case .send(let message): self.send(message)
            case .showPersona(let id, let name, let language):
                self.show(self.terminal.bold(name) + self.terminal.dim("  \(id), \(language)"))
            case .showReply(let reply): self.show(reply)
            case .showProblem(let sentence): self.show(self.terminal.red(sentence))
            case .keep(let wav):
                self.saved = wav
                if self.savePath != nil { try self.write(wav) }
                self.player?.play(wav)
            case .finish(let exit): return exit
            }
        }
        return nil
    }

    private func send(_ message: JSONValue) {
        guard let socket = self.socket else { return }
        let text = message.encoded
        socket.loop.execute { _ = socket.send(text: text) }
    }

    private func write(_ wav: [UInt8]) throws(CommandError) {
        guard let path = self.savePath else { return }
        do {
            try Data(wav).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandError(.noPermission, "\(path) cannot be written")
        }
    }

    private func ended(_ close: WebSocketClose) throws(CommandError) -> ExitCode {
        if case .connectFailed(let error) = close.cause {
            throw CommandError([401, 403].contains(error.httpStatus) ? .noPermission : .unavailable, error.message)
        }
        let reason = close.reason.isEmpty ? "" : ": \(close.reason)"
        throw CommandError(.unavailable, "the gateway closed the connection with \(close.code)\(reason)")
    }

    // MARK: The terminal

    private func show(_ reply: TalkMachine.Reply) {
        // Data for a pipe: the words alone. A person sees who speaks, how loud and how soon as well.
        guard self.terminal.isOutputInteractive else { return self.terminal.print(reply.text) }
        self.show("\(self.terminal.bold(reply.speaker)): \(reply.text)")
        let meter = self.terminal.green(Loudness.line(WAVFile.samples(reply.wav)))
        let length = String(format: "%.1f s of speech", WAVFile.seconds(reply.wav))
        let waited = reply.waited.map { String(format: ", first after %.2f s", $0 / .seconds(1)) } ?? ""
        self.show("  \(meter)  \(self.terminal.dim(length + waited))")
    }

    private func show(_ line: String) {
        guard self.isInteractive else { return self.terminal.note(line) }
        self.terminal.noteInPlace("\r\u{1B}[K\(line)\n")
        self.prompt()
    }

    private func prompt() {
        if self.isInteractive { self.terminal.noteInPlace("> ") }
    }
}
