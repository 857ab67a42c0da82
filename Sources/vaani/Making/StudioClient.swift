import Foundation
import JSON
import Observability
import Transport

/// Talks with the API of a gateway that makes personas.
struct StudioClient: Sendable {
    static let flags = [
        Flag("url", "URL", "The gateway. [http://127.0.0.1:8000]"),
        Flag("user", "ID", "The user to be, where no tokens are asked for. [local]"),
    ]
    static let details = ["Where tokens are asked for, VAANI_TOKEN has one."]
    private let base: String
    private let headers: [(String, String)]
    private let client: HTTPClient

    /// Runs `body` with a client, and closes it.
    static func with(
        _ arguments: Arguments, _ terminal: Terminal,
        _ body: (StudioClient) async throws(CommandError) -> ExitCode
    ) async throws(CommandError) -> ExitCode {
        let client = try StudioClient(arguments, terminal)
        let result: Result<ExitCode, CommandError>
        do throws(CommandError) {
            result = .success(try await body(client))
        } catch {
            result = .failure(error)
        }
        await client.client.shutdown()
        return try result.get()
    }

    private init(_ arguments: Arguments, _ terminal: Terminal) throws(CommandError) {
        let url = arguments.value("url") ?? "http://127.0.0.1:8000"
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw CommandError(.usage, "--url: \(url) does not begin with http:// or https://")
        }
        var headers = [("x-vaani-user", arguments.value("user") ?? "local")]
        if let token = terminal.environment["VAANI_TOKEN"], !token.isEmpty {
            headers = [("authorization", "Bearer \(token)")]
        }
        self.base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.headers = headers
        do throws(TransportError) {
            self.client = try HTTPClient(
                configuration: HTTPClientConfiguration(), log: .disabled, metrics: MetricsRegistry())
        } catch {
            throw CommandError(.unavailable, error.message)
        }
    }

    func post(_ path: String, _ body: JSONValue) async throws(CommandError) -> JSONValue {
        var request = self.request(path, method: "POST", body: .bytes(body.encoded))
        request.headers.append(("content-type", "application/json"))
        return try await self.send(request)
    }

    func post(_ path: String, form: MultipartForm) async throws(CommandError) -> JSONValue {
        try await self.send(self.request(path, method: "POST", body: .form(form)))
    }

    func get(_ path: String) async throws(CommandError) -> JSONValue { try await self.send(self.request(path)) }

    /// Hands each event of a job to `body`, to the end of the stream.
    func events(
        ofJob id: String, _ body: (JSONValue) throws(CommandError) -> Void
    ) async throws(CommandError) {
        var request = self.request("/scenario/v2/prompt-generation-status/\(id)")
        request.timeout = .seconds(86_400)
        let stream: HTTPClientStream
        do throws(HTTPClientError) {
            stream = try await self.client.stream(request)
        } catch {
            throw self.fault(error)
        }
        guard stream.status == 200 else {
            throw CommandError(.badData, "the gateway knows no job \(id), or it is over for too long")
        }
        var parser = ServerSentEventParser(maxEventBytes: 16 << 20)
        while let bytes = try await self.read(stream) {
            guard let events = try? parser.push(bytes) else {
                throw CommandError(.unavailable, "the gateway streamed an event that is too large")
            }
            for event in events { if let json = try? JSONValue(parsing: event.data) { try body(json) } }
        }
    }

    private func read(_ stream: HTTPClientStream) async throws(CommandError) -> [UInt8]? {
        do throws(HTTPClientError) {
            return try await stream.read()
        } catch {
            throw self.fault(error)
        }
    }

    private func request(
        _ path: String, method: String = "GET", body: HTTPClientRequest.Body = .none
    ) -> HTTPClientRequest {
        HTTPClientRequest(self.base + path, method: method, headers: self.headers, body: body)
    }

    private func send(_ request: HTTPClientRequest) async throws(CommandError) -> JSONValue {
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            var request = request
            // Models take their time.
            request.timeout = .seconds(600)
            request.slowTimeout = .seconds(600)
            response = try await self.client.send(request)
        } catch {
            throw self.fault(error)
        }
        let document = (try? JSONValue(parsing: response.body)) ?? .null
        guard (200..<300).contains(response.status) else {
            throw CommandError(
                response.status < 500 ? .badData : .unavailable,
                document["message"]?.string ?? "the gateway answered \(response.status)")
        }
        return document
    }

    private func fault(_ error: HTTPClientError) -> CommandError {
        CommandError(.unavailable, "\(self.base): \(error.message); is vaani serve running there?")
    }
}
