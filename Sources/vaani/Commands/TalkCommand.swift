import Foundation
import Observability
import Transport

/// `vaani talk`: a person's client in the terminal.
enum TalkCommand: Command {
    static let name = "talk"
    static let summary = "Talk with a persona from the terminal."
    static let usage = ["talk [--persona NAME] [--text TEXT | --audio FILE] [--save FILE]"]
    static let flags = [
        Flag("persona", "NAME", "Whom to talk with: an id, or the beginning of an id or name that only one has."),
        Flag("text", "TEXT", "Say this, wait for the answer, and exit. May be given several times."),
        Flag("audio", "FILE", "Say this recording (m4a, webm, ogg, wav, mp3 …). May be given several times."),
        Flag("save", "FILE", "Write the last reply to this WAV file."),
        Flag("play", nil, "Play replies through aplay."),
        Flag("url", "URL", "The gateway. [ws://127.0.0.1:8000]"),
        Flag("user", "ID", "The user to be; one made up for this call when not given."),
        Flag("timeout", "TIME", "How long to wait for an answer. [30s]"),
    ]
    static let details = [
        "Without --text and --audio it reads lines: what is typed is said, and these are commands:",
        "  " + TalkLine.commands.joined(separator: "   "),
        "",
        "Examples:",
        "  vaani talk --persona tina",
        "  vaani talk --persona mohit --text \"When is a good time to marry?\" --save answer.wav",
        "  vaani talk --persona tina --audio question.m4a --save reply.wav",
    ]

    /// More than any gateway takes.
    private static let maxRecordingBytes = 64 << 20

    static func run(_ arguments: Arguments, _ terminal: Terminal) async throws(CommandError) -> ExitCode {
        try arguments.requireOperands(atMost: 0)
        let url = try self.url(arguments)
        let script = try self.script(arguments)
        let directory = try await PersonaDirectory.load(from: url)
        let persona = try arguments.value("persona").map { name throws(CommandError) in try directory.resolve(name) }
        let isInteractive = script.isEmpty && terminal.isInputInteractive && terminal.isErrorInteractive
        let player = arguments.has("play") ? Player(environment: terminal.environment) : nil
        if arguments.has("play"), player == nil { terminal.note("there is no aplay here: nothing will be heard") }
        let waitsForGreeting = script.isEmpty && !terminal.isInputInteractive
        var conversation = TalkConversation(
            machine: TalkMachine(
                persona: persona ?? directory.entries.first?.id, script: script,
                greets: !waitsForGreeting && script.isEmpty,
                isInteractive: isInteractive, readsLines: script.isEmpty && !isInteractive),
            terminal: terminal, directory: directory, player: player, savePath: arguments.value("save"),
            timeout: try self.timeout(arguments), isInteractive: isInteractive)
        let lines = script.isEmpty ? LineReader.lines() : nil
        return try await self.connect(url, user: arguments.value("user")) { events throws(CommandError) in
            try await conversation.run(events, lines: lines)
        }
    }

    private static func connect(
        _ url: String, user: String?, _ talk: (AsyncStream<TalkSocket.Event>) async throws(CommandError) -> ExitCode
    ) async throws(CommandError) -> ExitCode {
        let user = user ?? "talk-\(UInt32.random(in: .min ... .max))"
        let group: EventLoopGroup
        let target: WebSocketTarget
        do throws(TransportError) {
            target = try WebSocketTarget(url: "\(url)/ws-mobile/\(user)")
            group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
        } catch {
            throw CommandError(.usage, error.message)
        }
        let handler = TalkSocket()
        let loop = group.next()
        loop.execute { _ = loop.connect(target, handler: handler) }
        do throws(CommandError) {
            let exit = try await talk(handler.events)
            await group.shutdown()
            return exit
        } catch {
            await group.shutdown()
            throw error
        }
    }

    private static func url(_ arguments: Arguments) throws(CommandError) -> String {
        var url = arguments.value("url") ?? "ws://127.0.0.1:8000"
        if url.hasPrefix("http") { url = "ws" + url.dropFirst(4) }
        while url.hasSuffix("/") { url.removeLast() }
        guard url.hasPrefix("ws://") || url.hasPrefix("wss://") else {
            throw CommandError(.usage, "--url: \"\(url)\" is no address such as ws://127.0.0.1:8000")
        }
        return url
    }

    private static func timeout(_ arguments: Arguments) throws(CommandError) -> Duration {
        do throws(InvalidSetting) {
            return try Duration.parse(arguments.value("timeout") ?? "30s")
        } catch {
            throw CommandError(.usage, "--timeout: \(error.message)")
        }
    }

    private static func script(_ arguments: Arguments) throws(CommandError) -> [TalkTurn] {
        var turns = (arguments.values["text"] ?? []).map { TalkTurn.text($0) }
        for path in arguments.values["audio"] ?? [] { turns.append(try self.recording(path)) }
        return turns
    }

    /// A recording as it is in its file.
    static func recording(_ path: String) throws(CommandError) -> TalkTurn {
        let location = URL(fileURLWithPath: path)
        guard let size = (try? location.resourceValues(forKeys: [.fileSizeKey]))?.fileSize else {
            throw CommandError(.badData, "\(path) is not there")
        }
        guard size <= self.maxRecordingBytes else {
            throw CommandError(.badData, "\(path) has \(size) bytes, more than \(self.maxRecordingBytes)")
        }
        guard let data = try? Data(contentsOf: location) else {
            throw CommandError(.noPermission, "\(path) cannot be read")
        }
        let format = location.pathExtension.lowercased()
        return .audio([UInt8](data), format: format.isEmpty ? nil : format)
    }
}
