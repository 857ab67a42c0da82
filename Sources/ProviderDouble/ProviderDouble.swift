import Foundation
import Transport

/// Stands for a provider of video personas where none can be had, and says so in every answer.
public actor ProviderDouble: ServerApplication {
    /// What it says of itself.
    public static let banner = "a double of the persona provider's cloud; nothing here is the provider's"
    static let header = ("x-double", "vaani provider-double")
    // Longer than every time limit that a client may have.
    private static let forever: Duration = .seconds(86_400)

    private var state: DoubleState
    private let journalFile: JournalFile?
    private let now: @Sendable () -> Date

    /// - Parameter logFile: gets a line for each request.
    public init(
        _ state: DoubleState, logFile: String? = nil, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(ProviderDoubleError) {
        self.state = state
        self.now = now
        if let logFile { self.journalFile = try JournalFile(logFile) } else { self.journalFile = nil }
    }

    public nonisolated func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        .refuse(Self.response(.refusal(404, "Not found")))
    }

    public nonisolated func bodyLimit(for head: HTTPRequestHead) -> Int { 4 << 20 }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let asked = DoubleRequest(request)
        if asked.path == DoubleState.controlPath || asked.path.hasPrefix(DoubleState.controlPath + "/") {
            // The journal has keys in it, and the rules spoil what others test: for this machine alone.
            guard Self.isLocal(request.head.remoteAddress) else { return Self.response(.refusal(404, "Not found")) }
            return Self.response(self.state.obey(asked, at: self.now()))
        }
        let outcome = self.state.answer(asked, at: self.now())
        if let entry = self.state.journal.entries.last { self.journalFile?.append(entry) }
        return await Self.perform(outcome)
    }

    /// Waits as the outcome says; ends early when the client goes.
    private static func perform(_ outcome: DoubleOutcome) async -> HTTPResponse {
        try? await Task.sleep(for: outcome.delay)
        switch outcome.end {
        case .reply(let reply): return self.response(reply)
        case .close: return self.brokenOff
        case .hang:
            try? await Task.sleep(for: self.forever)
            return self.brokenOff
        }
    }

    // A body that fails before its first byte: the server ends the connection.
    private static let brokenOff = HTTPResponse(
        status: 200, headers: [header], body: .stream { _ in throw CancellationError() })

    private static func response(_ reply: DoubleReply) -> HTTPResponse {
        let headers = reply.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return HTTPResponse(status: reply.status, headers: headers + [self.header], body: .bytes(reply.body))
    }

    private static func isLocal(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }
}
