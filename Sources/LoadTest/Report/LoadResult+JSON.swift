import JSON

extension LoadResult {
    /// The report as `docs/schema/load-report.schema.json` has it.
    ///
    /// - Parameters:
    ///   - startedAt: RFC 3339.
    ///   - version: of the program.
    public func json(startedAt: String, version: String) -> JSONValue {
        [
            "report": "vaani-load/1", "version": .string(version), "started_at": .string(startedAt),
            "url": .string(self.url), "plan": self.plan.json, "cut_short": .bool(self.isCutShort),
            "measured": self.measured?.json ?? .null, "steps": .array(self.phases.map(\.json)),
            "knee": self.findsKnee ? ["users": self.knee.map(JSONValue.integer) ?? .null] : .null,
            "objectives": .array(self.verdicts.map(\.json)), "kept": .bool(self.keepsObjectives),
            "timeline": .array(self.timeline.map(\.json)),
        ]
    }
}

extension LoadPlan {
    var json: JSONValue {
        [
            "users": .integer(self.users), "ramp_per_s": .integer(self.rampPerSecond),
            "duration_s": .number(self.duration / .seconds(1)), "dialect": .string(self.mix.description),
            "talk_share": .number(self.behaviour.talkShare),
            "barge_ins_per_min": .number(self.behaviour.bargeInsPerMinute),
            "switches_per_min": .number(self.behaviour.switchesPerMinute),
            "drops_per_min": .number(self.behaviour.dropsPerMinute),
            "chunk_ms": self.chunkMilliseconds.map(JSONValue.integer) ?? .null,
            "personas": .array(self.personas.map(JSONValue.string)),
            "seed": .integer(Int(truncatingIfNeeded: self.seed)),
        ]
    }
}

extension LoadPhase {
    var json: JSONValue {
        let own: [String: JSONValue] = [
            "users": .integer(self.users), "connected": .integer(self.connected), "seconds": .rounded(self.seconds),
            "lag_ms": .latency(self.figures.lag.summary), "gateway": self.json(of: self.gateway),
            "generator": self.json(of: self.generator), "doubt": self.doubt.map(JSONValue.string) ?? .null,
            "dialects": .object(
                Dictionary(uniqueKeysWithValues: self.dialects.map { ($0.rawValue, .object($1.json)) })),
        ]
        return .object(own.merging(self.figures.json) { own, _ in own })
    }

    private func json(of cost: Cost?) -> JSONValue {
        guard let cost else { return .null }
        return [
            "cpu_s": .rounded(cost.cpuSeconds), "added_bytes": .integer(cost.addedBytes),
            "cpu_ms_per_user_s": .rounded(self.cpuMsPerUserSecond(cost)),
            "bytes_per_user": self.bytesPerUser(cost).map(JSONValue.integer) ?? .null,
        ]
    }
}

extension LoadFigures {
    var json: [String: JSONValue] {
        [
            "chunks": [
                "sent": .integer(self.chunksSent), "heard": .integer(self.chunksHeard),
                "lost": self.hasEcho ? .integer(self.chunksLost) : .null,
                "late": self.hasEcho ? .integer(self.chunksLate) : .null, "stale": .integer(self.chunksStale),
            ],
            "turns": .integer(self.turns),
            "connections": [
                "opened": .integer(self.connects), "reopened": .integer(self.reconnects),
                "lost": .integer(self.lostConnections),
            ],
            "errors": .object(self.errors.mapValues(JSONValue.integer)),
            "warnings": .object(self.warnings.mapValues(JSONValue.integer)),
            "first_audio_ms": .latency(self.firstAudio.summary), "added_ms": .latency(self.added.summary),
            "up_ms": .latency(self.up.summary), "down_ms": .latency(self.down.summary),
            "barge_in_ms": .latency(self.bargeIn.summary), "switch_ms": .latency(self.switching.summary),
        ]
    }
}

extension LoadSample {
    var json: JSONValue {
        [
            "t_s": .rounded(self.second), "connected": .integer(self.connected), "added_ms": .latency(self.added),
            "first_audio_ms": .latency(self.firstAudio), "errors": .integer(self.errors),
            "chunks_sent": .integer(self.chunksSent), "gateway_cores": .rounded(self.gatewayCores),
            "generator_cores": .rounded(self.generatorCores),
            "gateway_bytes": self.gatewayBytes.map(JSONValue.integer) ?? .null,
        ]
    }
}

extension Objective.Verdict {
    var json: JSONValue {
        [
            "objective": .string(self.objective.text), "limit": .number(self.objective.limit),
            "value": .rounded(self.value), "unit": .string(self.objective.unit), "kept": .bool(self.isKept),
        ]
    }
}

extension JSONValue {
    /// To a thousandth.
    fileprivate static func rounded(_ value: Double?) -> JSONValue {
        value.map { .number(($0 * 1_000).rounded() / 1_000) } ?? .null
    }

    fileprivate static func latency(_ summary: LatencySummary?) -> JSONValue {
        guard let summary else { return .null }
        return [
            "count": .integer(summary.count), "p50": .rounded(summary.p50 / .milliseconds(1)),
            "p95": .rounded(summary.p95 / .milliseconds(1)), "p99": .rounded(summary.p99 / .milliseconds(1)),
            "max": .rounded(summary.max / .milliseconds(1)),
        ]
    }
}
