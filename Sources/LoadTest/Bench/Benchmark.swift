import Observability
import Transport

/// What a gateway costs and adds, beside the floor: the same users, the same echo for a model, and in between once the
/// gateway and once a relay that only copies bytes. All processes run on loopback, one after the other.
public struct Benchmark: Sendable {
    private let plan: LoadPlan
    private let dialects: [LoadDialect]
    private let executable: String
    private let gatewayEnvironment: [String: String]

    /// - Parameters:
    ///   - plan: for each dialect in turn; the floor has the same users, who speak the Realtime protocol.
    ///   - executable: the program, which plays every part: gateway, relay and echo.
    ///   - gatewayEnvironment: settings of the gateway beyond what the benchmark needs.
    public init(
        _ plan: LoadPlan, dialects: [LoadDialect] = [.json], executable: String,
        gatewayEnvironment: [String: String] = [:]
    ) {
        self.plan = plan
        self.dialects = dialects
        self.executable = executable
        self.gatewayEnvironment = gatewayEnvironment
    }

    public func run(progress: @Sendable (String) -> Void) async throws -> BenchmarkReport {
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
        let model = try await Part.start(self.executable, ["bench", "--part", "echo"])
        defer { model.stop() }
        var report = BenchmarkReport(floor: try await self.floor(model, group, progress))
        for dialect in self.dialects {
            progress("\(dialect.rawValue): \(self.plan.users) users through one event loop of the gateway")
            let gateway = try await self.startGateway(model: model.port)
            defer { gateway.stop() }
            report.gateways.append((dialect, try await self.measure(dialect, through: gateway, group)))
        }
        if self.dialects.contains(.opus) {
            progress("codecs: Opus alone")
            report.codecFloor = try CodecFloor.cpuMsPerUserSecond(
                chunkMilliseconds: self.plan.chunkMilliseconds ?? LoadDialect.opus.chunkMilliseconds)
        }
        await group.shutdown()
        return report
    }

    private func floor(
        _ model: Part, _ group: EventLoopGroup, _ progress: @Sendable (String) -> Void
    ) async throws -> LoadPhase {
        progress("floor: \(self.plan.users) users through a byte relay")
        let relay = try await Part.start(self.executable, ["bench", "--part", "relay", "--target", "\(model.port)"])
        defer { relay.stop() }
        return try await self.measure(.realtime, through: relay, group)
    }

    private func measure(
        _ dialect: LoadDialect, through part: Part, _ group: EventLoopGroup
    ) async throws -> LoadPhase {
        var plan = self.plan
        plan.mix = DialectMix([.init(dialect, weight: 1)])
        let run = LoadRun(
            plan, url: "ws://127.0.0.1:\(part.port)", on: group, gateway: .process(part.processID))
        guard let phase = try await run.run().measured else { throw LoadError("nothing was measured") }
        return phase
    }

    private func startGateway(model: Int) async throws -> Part {
        let environment = [
            "VAANI_LISTEN": "127.0.0.1:0", "VAANI_LOOPS": "1",
            "VAANI_UPSTREAM_URL": "ws://127.0.0.1:\(model)/v1/realtime",
        ]
        return try await Part.start(
            self.executable, ["serve"], environment: environment.merging(self.gatewayEnvironment) { $1 })
    }
}
