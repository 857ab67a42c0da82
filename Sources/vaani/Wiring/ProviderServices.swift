import Gateway
import Observability
import Providers
import Storage
import Transport

/// The provider of video personas, ready to be asked. What it opened, it closes.
struct ProviderServices: Sendable {
    let provider: HTTPPersonaProvider
    let orders: PersonaOrders
    private let client: HTTPClient

    /// nil without a key.
    static func open(
        _ configuration: Configuration, _ store: StudioDatabase, log: Log, metrics: MetricsRegistry
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
            let provider = HTTPPersonaProvider(settings, client: client, log: log, metrics: metrics)
            let sync = ProviderSync(
                provider, queue: store, pace: configuration.providerPace, log: log, metrics: metrics)
            let orders = PersonaOrders(provider, sync: sync, perHour: configuration.creationsPerHour, log: log)
            return ProviderServices(provider: provider, orders: orders, client: client)
        } catch {
            throw CommandError(.configuration, "provider_url: \(error.message)")
        }
    }

    /// Goes on with what the last stop of the program has interrupted.
    func start() async { await self.orders.sync.start() }

    /// Interrupts what is under way; the next start goes on with it.
    func stop() async { await self.orders.sync.stop() }

    /// Once it is stopped.
    func close() async { await self.client.shutdown() }
}

extension Configuration {
    fileprivate var providerPace: SyncPace {
        var pace = SyncPace()
        pace.firstPoll = self.providerPollFirst
        pace.longestPoll = max(self.providerPollFirst, self.providerPollLongest)
        pace.sweep = pace.longestPoll * 2
        pace.polls = self.providerPolls
        pace.attempts = self.providerAttempts
        pace.callTimeout = self.providerTimeout
        return pace
    }

    func access(to provider: ProviderServices?) -> ProviderAccess {
        ProviderAccess(
            provider?.provider, orders: provider?.orders, clonesVoices: !self.providerVoicesPath.isEmpty)
    }
}
