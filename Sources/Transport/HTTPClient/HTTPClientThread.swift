import CCurl
import Foundation
import Synchronization

/// The one thread that moves the bytes of a client's requests, with libcurl's multi interface.
///
/// Not an event loop, on purpose. libwebsockets watches a descriptor only by owning it, libcurl closes its own when it
/// likes; and libcurl blocks: it reads the system's authorities for the first TLS connection, decompresses, and waits for
/// its resolver when a transfer is dropped. An event loop has 20 ms for everybody's audio. A request to a language model
/// takes some hundred milliseconds, against which the two hops between threads, about 20 µs, do not count. Names are
/// looked up by `Resolver`, so that libcurl has none to wait for.
final class HTTPClientThread: @unchecked Sendable {
    // What has no lock of its own is confined to the thread, from `run` on.
    private enum Command: Sendable {
        case start(Exchange)
        case resolved(UInt64, Result<[String], TransportError>)
        case goOn(UInt64)
        case drop(UInt64)
        case stop
    }

    private struct Mailbox {
        var commands: [Command] = []
        var isOpen = true
        var whenStopped: [CheckedContinuation<Void, Never>] = []
        var hasStopped = false
    }

    /// A request that has not dialled yet.
    private struct Waiting {
        let exchange: Exchange
        let dialled: HTTPURL
        /// When it is given up; sooner once its name is being looked up.
        var deadline: ContinuousClock.Instant
    }

    private struct KnownName {
        let addresses: [String]
        let expires: ContinuousClock.Instant
    }

    private static let nameLifetime: Duration = .seconds(30)
    private static let maxNames = 256

    private let configuration: HTTPClientConfiguration
    private let proxy: HTTPURL?
    private let resolver: Resolver
    private let multi: UnsafeMutableRawPointer
    private let mailbox = Mutex(Mailbox())
    private let ended: @Sendable (Exchange, HTTPClientError?) -> Void

    private var admission: Admission
    private var waiting: [UInt64: Waiting] = [:]
    private var transfers: [UInt64: Transfer] = [:]
    private var ids: [UnsafeMutableRawPointer: UInt64] = [:]
    private var names: [String: KnownName] = [:]
    private var isStopping = false

    /// - Parameter ended: called once for each request, before its reader hears of the end.
    init(
        _ configuration: HTTPClientConfiguration, resolver: Resolver,
        ended: @escaping @Sendable (Exchange, HTTPClientError?) -> Void
    ) throws(TransportError) {
        guard Self.library == CURLE_OK, let multi = curl_multi_init() else {
            throw TransportError(.eventLoop, "libcurl cannot be set up")
        }
        do throws(HTTPClientError) {
            self.proxy = try configuration.proxy.map { text throws(HTTPClientError) in try HTTPURL(text) }
        } catch {
            curl_multi_cleanup(multi)
            throw TransportError(.invalidTarget, "the proxy: \(error.message)")
        }
        self.configuration = configuration
        self.resolver = resolver
        self.multi = multi
        self.admission = Admission(limit: configuration.maxConcurrentPerHost)
        self.ended = ended
        // Kept alive while idle: as many as one host may use at once, for two hosts.
        vaani_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 2 * configuration.maxConcurrentPerHost)
        let thread = Thread { self.run() }
        thread.name = "vaani-http"
        thread.start()
    }

    private static let library = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    // MARK: From any thread

    func start(_ exchange: Exchange) { self.put(.start(exchange)) }

    /// The reader has room again.
    func goOn(_ exchange: Exchange) { self.put(.goOn(exchange.id)) }

    /// Nobody reads the answer any more.
    func drop(_ exchange: Exchange) {
        exchange.finish(.cancelled)
        self.put(.drop(exchange.id))
    }

    /// Ends all requests. Returns when the thread has.
    func stop() async {
        self.signalStop()
        await withCheckedContinuation { continuation in
            let hasStopped = self.mailbox.withLock { mailbox in
                if !mailbox.hasStopped { mailbox.whenStopped.append(continuation) }
                return mailbox.hasStopped
            }
            if hasStopped { continuation.resume() }
        }
    }

    func signalStop() { self.put(.stop) }

    private func put(_ command: Command) {
        let isOpen = self.mailbox.withLock { mailbox in
            // Waking under the lock: the thread closes the mailbox before it frees what is woken.
            guard mailbox.isOpen else { return false }
            mailbox.commands.append(command)
            curl_multi_wakeup(self.multi)
            return true
        }
        if !isOpen, case .start(let exchange) = command { self.end(exchange, .shutDown) }
    }

    private func end(_ exchange: Exchange, _ error: HTTPClientError?) {
        // The first end counts: the reader may have gone, or the answer have been too large.
        let error = exchange.end ?? error
        self.ended(exchange, error)
        exchange.finish(error)
    }

    // MARK: The thread

    private func run() {
        while true {
            for command in self.takeCommands() { self.perform(command) }
            guard !self.isStopping else { return self.close() }
            var running: Int32 = 0
            curl_multi_perform(self.multi, &running)
            self.collectDone()
            self.expire()
            curl_multi_poll(self.multi, nil, 0, self.pauseMs, nil)
        }
    }

    private func takeCommands() -> [Command] {
        self.mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    private func perform(_ command: Command) {
        switch command {
        case .start(let exchange): self.begin(exchange)
        case .resolved(let id, let result): self.resolved(id, result)
        case .goOn(let id):
            if let transfer = self.transfers[id] { curl_easy_pause(transfer.handle, CURLPAUSE_CONT) }
        case .drop(let id): self.finish(id, .cancelled)
        case .stop: self.isStopping = true
        }
    }

    private func begin(_ exchange: Exchange) {
        guard !exchange.isOver else { return self.end(exchange, nil) }
        let dialled = self.proxy ?? exchange.url
        self.waiting[exchange.id] = Waiting(exchange: exchange, dialled: dialled, deadline: exchange.deadline)
        if self.admission.arrive(exchange.id, at: exchange.url.place) { self.resolve(exchange.id) }
    }

    private func resolve(_ id: UInt64) {
        guard let waiting = self.waiting[id] else { return }
        let (exchange, dialled) = (waiting.exchange, waiting.dialled)
        if NumericAddress.isNumeric(dialled.host) { return self.dial(id, []) }
        if let known = self.names[dialled.place], known.expires > .now { return self.dial(id, known.addresses) }
        self.names[dialled.place] = nil
        let deadline = min(exchange.deadline, .now + exchange.connectTimeout)
        self.waiting[id]?.deadline = deadline
        self.resolver.resolve(host: dialled.host, port: dialled.port, deadline: deadline) {
            self.put(.resolved(id, $0))
        }
    }

    private func resolved(_ id: UInt64, _ result: Result<[String], TransportError>) {
        guard let waiting = self.waiting[id] else { return }
        switch result {
        case .success(let addresses) where !addresses.isEmpty:
            if self.names.count >= Self.maxNames { self.names = [:] }
            self.names[waiting.dialled.place] = KnownName(
                addresses: addresses, expires: .now + Self.nameLifetime)
            self.dial(id, addresses)
        case .success:
            self.finish(id, HTTPClientError(.dns, "the name \(waiting.dialled.host) has no address"))
        case .failure(let error):
            self.finish(id, HTTPClientError(.dns, error.message, isRetriable: error.isRetriable))
        }
    }

    private func dial(_ id: UInt64, _ addresses: [String]) {
        guard let waiting = self.waiting.removeValue(forKey: id) else { return }
        let transfer = Transfer(
            waiting.exchange, dialled: waiting.dialled, addresses: addresses, configuration: self.configuration)
        guard let transfer, curl_multi_add_handle(self.multi, transfer.handle) == CURLM_OK else {
            self.waiting[id] = waiting
            return self.finish(id, HTTPClientError(.busy, "no memory for a request", isRetriable: true))
        }
        self.transfers[id] = transfer
        self.ids[transfer.handle] = id
    }

    private func collectDone() {
        var code = CURLE_OK
        while let handle = vaani_curl_next_done(self.multi, &code) {
            guard let id = self.ids[handle], let transfer = self.transfers[id] else { continue }
            // An address that does not answer may be an old one.
            if code == CURLE_COULDNT_CONNECT { self.names[(self.proxy ?? transfer.exchange.url).place] = nil }
            self.finish(id, transfer.error(code))
        }
    }

    /// Ends a request, wherever it is, and lets the next one to its host dial.
    private func finish(_ id: UInt64, _ error: HTTPClientError?) {
        let exchange: Exchange
        if let transfer = self.transfers.removeValue(forKey: id) {
            exchange = transfer.exchange
            self.ids[transfer.handle] = nil
            curl_multi_remove_handle(self.multi, transfer.handle)
        } else if let waiting = self.waiting.removeValue(forKey: id) {
            exchange = waiting.exchange
        } else {
            return
        }
        self.end(exchange, error)
        if let next = self.admission.leave(id, from: exchange.url.place) { self.resolve(next) }
    }

    /// Those that have not dialled in time; the library looks after the others.
    private func expire() {
        guard !self.waiting.isEmpty else { return }
        let now = ContinuousClock.now
        for (id, waiting) in self.waiting where waiting.deadline <= now {
            let place = waiting.exchange.url.place
            self.finish(id, HTTPClientError(.timeout, "\(place): not dialled in time", isRetriable: true))
        }
    }

    /// Until the next thing that no socket and no command tells of.
    private var pauseMs: Int32 {
        guard let first = self.waiting.values.map(\.deadline).min() else { return 60_000 }
        return Int32(clamping: max(1, min(60_000, Int((first - .now) / .milliseconds(1)) + 1)))
    }

    private func close() {
        let left = self.mailbox.withLock { mailbox in
            mailbox.isOpen = false
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
        for case .start(let exchange) in left { self.end(exchange, .shutDown) }
        for id in Array(self.transfers.keys) + Array(self.waiting.keys) { self.finish(id, .shutDown) }
        curl_multi_cleanup(self.multi)
        let waiters = self.mailbox.withLock { mailbox in
            mailbox.hasStopped = true
            defer { mailbox.whenStopped = [] }
            return mailbox.whenStopped
        }
        for waiter in waiters { waiter.resume() }
    }
}
