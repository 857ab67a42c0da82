import JSON
import Observability
import Synchronization
import Transport

@testable import Providers

/// A provider on loopback that answers as it is told, and keeps what it was asked.
final class ScriptedProvider: ServerApplication {
    static let key = "tvs-canary-0123456789"

    enum Reply: Sendable {
        case answer(Int, String, headers: [(String, String)] = [])
        /// Takes the request and says nothing.
        case silence
    }

    /// By method and path with query; the first that fits, else by the longest beginning.
    private let reply: @Sendable (HTTPRequest) -> Reply
    private let requests = Mutex<[HTTPRequest]>([])
    private let hold = AsyncStream<Void>.makeStream()

    init(_ reply: @escaping @Sendable (HTTPRequest) -> Reply) { self.reply = reply }

    var asked: [HTTPRequest] { self.requests.withLock { $0 } }

    func decide(_ upgrade: HTTPRequestHead, on loop: EventLoop) -> UpgradeDecision {
        .refuse(HTTPResponse(status: 404))
    }
    func bodyLimit(for head: HTTPRequestHead) -> Int { 1 << 20 }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        self.requests.withLock { $0.append(request) }
        switch self.reply(request) {
        case .answer(let status, let body, let headers):
            return HTTPResponse(status: status, headers: headers, body: .bytes(Array(body.utf8)))
        case .silence:
            // Ends when the client goes, which cancels this task.
            for await _ in self.hold.stream {}
            return HTTPResponse(status: 500)
        }
    }

    /// Runs a test against it.
    static func run(
        _ reply: @escaping @Sendable (HTTPRequest) -> Reply,
        configure: (inout ProviderSettings) -> Void = { _ in },
        _ body: (HTTPPersonaProvider, ScriptedProvider) async throws -> Void
    ) async throws {
        let script = ScriptedProvider(reply)
        try await self.serve(script, configure: configure) { try await body($0, script) }
    }

    /// A client of any application that stands for the provider.
    static func serve(
        _ application: any ServerApplication, configure: (inout ProviderSettings) -> Void,
        _ body: (HTTPPersonaProvider) async throws -> Void
    ) async throws {
        let metrics = MetricsRegistry()
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: metrics)
        let server = Server(
            group: group, configuration: ServerConfiguration(listen: [("127.0.0.1", 0)]), application: application,
            log: .disabled, metrics: metrics)
        let port = try await server.start()[0].port
        var settings = ProviderSettings(url: "http://127.0.0.1:\(port)/", key: Secret(Self.key))
        configure(&settings)
        let client = try HTTPClient(log: .disabled, metrics: metrics)
        let result: Result<Void, any Error>
        do {
            let provider = HTTPPersonaProvider(settings, client: client, log: .disabled, metrics: metrics)
            result = .success(try await body(provider))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        await server.close(deadline: .zero)
        await group.shutdown()
        try result.get()
    }
}

extension HTTPRequest {
    var json: JSONValue { (try? JSONValue(parsing: self.body)) ?? .null }
    /// Such as `GET /v2/personas`.
    var line: String { "\(self.head.method) \(self.head.path)" }
    func query(_ name: String) -> String? { self.head.query.first { $0.0 == name }?.1 }
}

/// The error of a call that should fail.
func failure<Value>(_ call: () async throws(ProviderError) -> Value) async -> ProviderError? {
    do throws(ProviderError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
