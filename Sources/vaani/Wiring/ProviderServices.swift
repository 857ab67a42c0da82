import Gateway
import Observability
import Providers
import Transport

/// The provider of video personas, ready to be asked. What it opened, it closes.
struct ProviderServices: Sendable {
    let provider: HTTPPersonaProvider
    private let client: HTTPClient

    /// nil without a key.
    static func open(
        _ configuration: Configuration, log: Log, metrics: MetricsRegistry
    ) throws(CommandError) -> ProviderServices? {
        guard let settings = configuration.providerSettings else { return nil }
        var clientConfiguration = HTTPClientConfiguration()
        clientConfiguration.timeout = settings.timeout
        clientConfiguration.connectTimeout = min(clientConfiguration.connectTimeout, settings.timeout)
        if !configuration.providerCAFile.isEmpty {
            clientConfiguration.certificateAuthorityFile = configuration.providerCAFile
        }
        do throws(TransportError) {
            let client = try HTTPClient(configuration: clientConfiguration, log: log, metrics: metrics)
            return ProviderServices(
                provider: HTTPPersonaProvider(settings, client: client, log: log, metrics: metrics), client: client)
        } catch {
            throw CommandError(.configuration, "provider_url: \(error.message)")
        }
    }

    func close() async { await self.client.shutdown() }
}

extension Configuration {
    func access(to provider: ProviderServices?) -> ProviderAccess {
        ProviderAccess(provider?.provider, clonesVoices: !self.providerVoicesPath.isEmpty)
    }
}
