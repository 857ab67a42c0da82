/// The report as a page of its own: no script, and nothing fetched from anywhere.
extension LoadResult {
    public func html(startedAt: String, version: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>vaani load: \(self.plan.users) users</title><style>\(Self.style)</style></head><body>
        <h1>\(self.plan.users) users, \(Self.escaped(self.plan.mix.description))</h1>
        <p>\(Self.escaped(self.url)), \(Self.escaped(startedAt)), vaani \(Self.escaped(version))</p>
        \(self.verdictList)\(self.measuredTables)\(self.stepTable)\(self.plots)</body></html>

        """
    }

    private static let style = """
        :root{color-scheme:light dark;--a:#0b6bcb;--b:#c4461a;--c:#2e7d32;--line:#8884}
        @media(prefers-color-scheme:dark){:root{--a:#6db3ff;--b:#ff9a70;--c:#7fd184}}
        body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
        table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;border-bottom:1px solid var(--line)}
        th{text-align:left;font-weight:600}.number{text-align:right;font-variant-numeric:tabular-nums}
        figure{margin:1.5rem 0}svg{width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:currentColor}
        .grid{stroke:var(--line)}.line{fill:none;stroke-width:1.8}.unit{opacity:.7}
        .line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}
        .key.a{color:var(--a)}.key.b{color:var(--b)}.key.c{color:var(--c)}
        .kept{color:var(--c)}.missed{color:var(--b);font-weight:600}
        """

    private var verdictList: String {
        guard !self.objectives.isEmpty else { return "" }
        let items = self.verdicts.map { verdict in
            "<li class=\"\(verdict.isKept ? "kept" : "missed")\">\(Self.escaped(verdict.description))</li>"
        }
        return "<h2>Objectives</h2><ul>\(items.joined())</ul>\n"
    }

    private var measuredTables: String {
        guard let measured = self.measured else { return "<p>Stopped before anything was measured.</p>\n" }
        let facts = Self.table(heads: [], LoadTable.facts(measured), isNumeric: false)
        let times = Self.table(heads: LoadTable.latencyHeads, LoadTable.latencies(measured), isNumeric: true)
        let remarks = LoadTable.remarks(measured) + (self.isCutShort ? ["the run was ended early"] : [])
        let notes = remarks.map { "<p>Note: \(Self.escaped($0)).</p>" }.joined()
        return "<h2>At \(measured.users) users</h2>\n\(facts)\n\(notes)<h2>Times</h2>\n\(times)\n"
    }

    private var stepTable: String {
        guard self.findsKnee else { return "" }
        let rows = self.phases.map { phase in
            let added = phase.figures.added.summary
            let isKept = self.objectives.allSatisfy { $0.judge(phase).isKept }
            return LoadTable.Row(
                name: "\(phase.users)",
                cells: [
                    added.map { Figure.milliseconds($0.p99) } ?? "-", "\(phase.figures.errorCount)",
                    isKept ? "yes" : "no",
                ])
        }
        let knee = self.knee.map { "The knee is at \($0) users." } ?? "No step kept every objective."
        let table = Self.table(heads: ["added p99 ms", "errors", "kept"], rows, isNumeric: true)
        return "<h2>Steps</h2><p>\(knee)</p>\n\(table)\n"
    }

    private var plots: String {
        let x = self.timeline.map(\.second)
        func plot(_ title: String, _ unit: String, _ series: [Plot.Series]) -> String {
            Plot(title: title, unit: unit, x: x, xUnit: "s", series: series).svg
        }
        func times(_ summary: (LoadSample) -> LatencySummary?) -> [Plot.Series] {
            let points = self.timeline.map(summary)
            return [
                .init(name: "p50", style: "a", values: points.map { $0.map { $0.p50 / .milliseconds(1) } }),
                .init(name: "p99", style: "b", values: points.map { $0.map { $0.p99 / .milliseconds(1) } }),
            ]
        }
        let users: [Plot.Series] = [
            .init(name: "connected", style: "a", values: self.timeline.map { Double($0.connected) }),
            .init(name: "errors in the second", style: "b", values: self.timeline.map { Double($0.errors) }),
        ]
        let cores: [Plot.Series] = [
            .init(name: "gateway", style: "a", values: self.timeline.map(\.gatewayCores)),
            .init(name: "generator", style: "c", values: self.timeline.map(\.generatorCores)),
        ]
        let memory = self.timeline.map { $0.gatewayBytes.map { Double($0) / 1_048_576 } }
        return "<h2>Over time</h2>\n" + plot("Users", "count", users) + plot("Added latency", "ms", times(\.added))
            + plot("First audio", "ms", times(\.firstAudio)) + plot("CPU", "cores", cores)
            + plot("Memory of the gateway", "MiB", [.init(name: "resident", style: "a", values: memory)])
    }

    private static func table(heads: [String], _ rows: [LoadTable.Row], isNumeric: Bool) -> String {
        let number = isNumeric ? " class=\"number\"" : ""
        let head = heads.isEmpty ? "" : "<tr><td></td>\(heads.map { "<th\(number)>\($0)</th>" }.joined())</tr>"
        let body = rows.map { row in
            let cells = row.cells.map { "<td\(number)>\(self.escaped($0))</td>" }.joined()
            return "<tr><th scope=\"row\">\(self.escaped(row.name))</th>\(cells)</tr>"
        }
        return "<table>\(head)\(body.joined())</table>"
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
