import Foundation
import Observability
import Transport

/// What a gateway costs and adds, beside the floor: the same users, the same echo for a model, and in between once the
/// gateway and once a relay that only copies bytes. All processes run on loopback, one after the other.
public struct Benchmark: Sendable {
    public struct Report: Sendable {
        /// Through a thread that copies bytes.
        public var floor: Crowd.Result
        /// Through the gateway.
        public var gateway: Crowd.Result

        /// How many times the floor's CPU the gateway takes for one user.
        public var cpuRatio: Double {
            self.floor.cpuMsPerUserSecond > 0 ? self.gateway.cpuMsPerUserSecond / self.floor.cpuMsPerUserSecond : 0
        }

        /// What the gateway adds to the floor's 99th percentile.
        public var addedP99: Duration { self.gateway.latency.p99 - self.floor.latency.p99 }

        /// Users that one core could carry at this cost.
        public var usersPerCore: Int {
            self.gateway.cpuMsPerUserSecond > 0 ? Int(1_000 / self.gateway.cpuMsPerUserSecond) : 0
        }
    }

    private let plan: Crowd.Plan
    private let executable: String
    private let personaID: String
    private let gatewayEnvironment: [String: String]

    /// - Parameters:
    ///   - executable: the program, which plays every part: gateway, relay and echo.
    ///   - gatewayEnvironment: settings of the gateway beyond what the benchmark needs.
    public init(
        _ plan: Crowd.Plan, executable: String, personaID: String, gatewayEnvironment: [String: String] = [:]
    ) {
        self.plan = plan
        self.executable = executable
        self.personaID = personaID
        self.gatewayEnvironment = gatewayEnvironment
    }

    public func run(progress: @Sendable (String) -> Void) async throws -> Report {
        let group = try EventLoopGroup(count: 1, log: .disabled, metrics: MetricsRegistry())
        let crowd = Crowd(self.plan, on: group)
        let model = try await Part.start(self.executable, ["bench", "--part", "echo"])
        defer { model.stop() }

        progress("floor: \(self.plan.users) users through a byte relay")
        let relay = try await Part.start(self.executable, ["bench", "--part", "relay", "--target", "\(model.port)"])
        defer { relay.stop() }
        let floor = try await crowd.talk(toModel: "ws://127.0.0.1:\(relay.port)", processID: relay.processID)

        progress("gateway: \(self.plan.users) users through one event loop")
        let gateway = try await self.startGateway(model: model.port)
        defer { gateway.stop() }
        let through = try await crowd.talk(
            toGateway: "ws://127.0.0.1:\(gateway.port)", personaID: self.personaID, processID: gateway.processID)
        await group.shutdown()
        return Report(floor: floor, gateway: through)
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

extension Benchmark.Report: CustomStringConvertible {
    /// A table for a person.
    public var description: String {
        func row(_ name: String, _ result: Crowd.Result) -> String {
            let figures: [String] = [
                name.padding(toLength: 9, withPad: " ", startingAt: 0), Self.cell("\(result.users)"),
                Self.cell(result.cpuMsPerUserSecond, "%.3f"), Self.cell(Double(result.bytesPerUser) / 1_024, "%.1f"),
                Self.cell(result.latency.p50), Self.cell(result.latency.p95), Self.cell(result.latency.p99),
                Self.cell("\(result.errors)"), Self.cell("\(result.lost)"),
            ]
            return figures.joined()
        }
        let heads = ["users", "CPU ms/s", "KiB", "p50 ms", "p95 ms", "p99 ms", "errors", "lost"]
        return """
            \("".padding(toLength: 9, withPad: " ", startingAt: 0))\(heads.map(Self.cell).joined())
            \(row("floor", self.floor))
            \(row("gateway", self.gateway))
            CPU: \(String(format: "%.1f", self.cpuRatio)) times the floor; one core would carry \(self.usersPerCore) users
            latency: \(Self.milliseconds(self.addedP99)) ms added at the 99th percentile
            """
    }

    private static func cell(_ text: String) -> String {
        String(repeating: " ", count: max(1, 10 - text.count)) + text
    }

    private static func cell(_ value: Double, _ format: String) -> String {
        self.cell(String(format: format, value))
    }

    private static func cell(_ duration: Duration) -> String {
        self.cell(self.milliseconds(duration))
    }

    private static func milliseconds(_ duration: Duration) -> String {
        String(format: "%.2f", duration / .milliseconds(1))
    }
}
