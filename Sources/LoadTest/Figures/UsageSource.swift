import Observability

/// Where it can be read what a gateway has used.
public enum UsageSource: Sendable, Equatable {
    /// A process of this machine, in `/proc`.
    case process(Int32)
    /// The gateway's own `/metrics`, on any machine.
    case metrics(host: String, port: Int)

    /// The gateway behind a URL: the process that listens there if this machine has it and lets this user look, and
    /// what it says of itself otherwise. nil over TLS and where nothing answers.
    public static func find(url: String) -> UsageSource? {
        guard let address = GatewayAddress(url) else { return nil }
        if address.isLoopback, let processID = Listener.processID(port: address.port),
            ProcessUsage(processID: processID) != nil
        {
            return .process(processID)
        }
        guard !address.isSecure else { return nil }
        let source = UsageSource.metrics(host: address.host, port: address.port)
        return source.read() == nil ? nil : source
    }

    /// Everything, memory with shared pages by their share where the process can be seen.
    func read() -> ProcessUsage? {
        switch self {
        case .process(let id): ProcessUsage(processID: id)
        case .metrics(let host, let port): self.scrape(host, port)
        }
    }

    /// What costs the process nothing to be asked: reading its memory map would hold up its own page faults.
    func glance() -> ProcessUsage? {
        switch self {
        case .process(let id): ProcessUsage(glancingAt: id)
        case .metrics(let host, let port): self.scrape(host, port)
        }
    }

    private func scrape(_ host: String, _ port: Int) -> ProcessUsage? {
        PlainHTTP.get("/metrics", host: host, port: port).flatMap { ProcessUsage(prometheus: $0) }
    }
}
