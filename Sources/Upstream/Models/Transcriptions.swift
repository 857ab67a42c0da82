import JSON
import LanguageModels
import Observability
import Transport

/// Any server with OpenAI's API of audio transcriptions: the role `transcription` of `models.json`.
public final class Transcriptions: SpeechRecognizer {
    private let caller: ModelCaller
    private let role: ModelsConfiguration.Role

    /// nil where no model is configured for it.
    public init?(
        models: ModelsConfiguration, client: HTTPClient, clock: ModelClock = .system, log: Log, metrics: MetricsRegistry
    ) {
        guard let role = models.role(.transcription) else { return nil }
        self.role = role
        self.caller = ModelCaller(models, client: client, clock: clock, log: log, metrics: metrics)
    }

    public func transcribe(_ utterance: SpokenUtterance) async throws(LanguageModelError) -> String {
        let begun = self.caller.clock.now()
        do throws(LanguageModelError) {
            let text = try await self.caller.call(.transcription, self.role, format: .text) {
                timeout throws(ChatFailure) in try await self.attempt(utterance, timeout)
            }
            self.caller.ended(.transcription, nil, since: begun)
            return text
        } catch {
            self.caller.ended(.transcription, error, since: begun)
            throw error
        }
    }

    private func attempt(_ utterance: SpokenUtterance, _ timeout: Duration) async throws(ChatFailure) -> String {
        let request = self.role.endpoint.request(
            "/audio/transcriptions", body: .form(self.form(utterance)), timeout: timeout)
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await self.caller.client.send(request)
        } catch {
            throw ChatFailure(error)
        }
        let server = self.role.endpoint.name
        guard response.status == 200 else {
            throw ChatFailure(status: response.status, headers: response.headers, body: response.body, from: server)
        }
        guard let text = (try? JSONValue(parsing: response.body))?["text"]?.string else {
            throw ChatFailure(.malformed("\(server) answered with no transcript"))
        }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    func form(_ utterance: SpokenUtterance) -> MultipartForm {
        var form = MultipartForm()
        form.add("model", self.role.model)
        form.add("response_format", "json")
        if let language = utterance.language { form.add("language", language) }
        if let temperature = self.role.temperature { form.add("temperature", "\(temperature)") }
        form.add("file", file: "speech.wav", type: "audio/wav", content: utterance.wav)
        return form
    }
}
