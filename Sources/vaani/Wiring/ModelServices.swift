import Engine
import LanguageModels
import Observability
import Transport
import Upstream

/// The language models of `models_file`, ready to be asked. What it opened, it closes.
struct ModelServices: Sendable {
    let chat: ChatCompletions
    let recognizer: Transcriptions?
    private let client: HTTPClient

    /// nil where no file is named.
    static func open(
        _ configuration: Configuration, log: Log, metrics: MetricsRegistry
    ) throws(CommandError) -> ModelServices? {
        guard let models = configuration.models else { return nil }
        var clientConfiguration = HTTPClientConfiguration()
        clientConfiguration.certificateAuthorityFile = models.certificateAuthorityFile
        clientConfiguration.proxy = models.proxy
        // A reply holds its connection as long as it is written: one for each session that may speak at a time.
        clientConfiguration.maxConcurrentPerHost = 64
        do throws(TransportError) {
            let client = try HTTPClient(configuration: clientConfiguration, log: log, metrics: metrics)
            return ModelServices(models, client, log, metrics)
        } catch {
            throw CommandError(.configuration, "models_file: \(error.message)")
        }
    }

    private init(_ models: ModelsConfiguration, _ client: HTTPClient, _ log: Log, _ metrics: MetricsRegistry) {
        let isBounded = models.tokensPerMinute != nil || models.tokensPerMinutePerUser != nil
        let budget =
            isBounded
            ? TokenBuckets(perMinute: models.tokensPerMinute, perPayer: models.tokensPerMinutePerUser) : nil
        self.client = client
        self.chat = ChatCompletions(models: models, client: client, budget: budget, log: log, metrics: metrics)
        self.recognizer = Transcriptions(models: models, client: client, log: log, metrics: metrics)
    }

    /// What the embedded engine may ask of them.
    var forEngine: EngineModels { EngineModels(languageModel: self.chat, recognizer: self.recognizer) }

    func close() async { await self.client.shutdown() }
}

extension ModelsConfiguration {
    /// Who does what, a line for each role; never a key.
    var lines: [String] {
        self.roles.sorted { $0.key.rawValue < $1.key.rawValue }.map { role, entry in
            "\(role.rawValue): \(entry.model) at \(entry.endpoint.name)"
        }
    }
}
