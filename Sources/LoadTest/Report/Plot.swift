import Foundation

/// A line plot as inline SVG.
struct Plot {
    struct Series {
        var name: String
        /// A class of the page's style sheet.
        var style: String
        /// nil leaves a gap.
        var values: [Double?]
    }

    private static let width = 720.0, height = 220.0
    private static let left = 56.0, right = 12.0, top = 12.0, bottom = 28.0

    let title: String
    let unit: String
    /// Of each value, ascending.
    let x: [Double]
    let xUnit: String
    let series: [Series]

    /// Empty where there is nothing to draw.
    var svg: String {
        let peak = self.series.flatMap(\.values).compactMap { $0 }.max()
        guard let peak, let first = self.x.first, let last = self.x.last, last > first else { return "" }
        let top = Self.ceiling(peak)
        let lines = self.series.map { self.line($0, first, last, top) }.joined()
        let box = "0 0 \(Int(Self.width)) \(Int(Self.height))"
        return """
            <figure><figcaption>\(self.title) <span class="unit">\(self.unit)</span> \(self.legend)</figcaption>
            <svg viewBox="\(box)" role="img" aria-label="\(self.title) in \(self.unit), at most \(Self.label(peak))">
            \(self.grid(top))\(self.axis(first, last))\(lines)</svg></figure>

            """
    }

    /// The least of 1, 2, 2.5 and 5 times a power of ten that is not below the value.
    static func ceiling(_ value: Double) -> Double {
        guard value > 0 else { return 1 }
        let power = pow(10, floor(log10(value)))
        return ([1, 2, 2.5, 5, 10].first { $0 * power >= value * 0.999_999 } ?? 10) * power
    }

    static func label(_ value: Double) -> String {
        value == value.rounded() || value >= 100 ? Figure.decimals(value, 0) : Figure.decimals(value, value < 1 ? 2 : 1)
    }

    private var legend: String {
        self.series.map { "<span class=\"key \($0.style)\">\($0.name)</span>" }.joined(separator: " ")
    }

    private func grid(_ top: Double) -> String {
        stride(from: 0.0, through: 1, by: 0.25).map { share in
            let y = Self.decimals(self.y(share * top, top))
            return """
                <path class="grid" d="M\(Self.left) \(y)H\(Self.width - Self.right)"/>\
                <text x="\(Self.left - 6)" y="\(y)" dy="4" text-anchor="end">\(Self.label(share * top))</text>
                """
        }.joined()
    }

    private func axis(_ first: Double, _ last: Double) -> String {
        let y = Self.height - 8
        return """
            <text x="\(Self.left)" y="\(y)">\(Self.label(first)) \(self.xUnit)</text>\
            <text x="\(Self.width - Self.right)" y="\(y)" text-anchor="end">\(Self.label(last)) \(self.xUnit)</text>
            """
    }

    private func line(_ series: Series, _ first: Double, _ last: Double, _ top: Double) -> String {
        var path = ""
        var isDrawing = false
        for (x, value) in zip(self.x, series.values) {
            guard let value else {
                isDrawing = false
                continue
            }
            let across = Self.left + (x - first) / (last - first) * (Self.width - Self.left - Self.right)
            path += "\(isDrawing ? "L" : "M")\(Self.decimals(across)) \(Self.decimals(self.y(value, top)))"
            isDrawing = true
        }
        return path.isEmpty ? "" : "<path class=\"line \(series.style)\" d=\"\(path)\"/>"
    }

    private func y(_ value: Double, _ top: Double) -> Double {
        Self.height - Self.bottom - value / top * (Self.height - Self.top - Self.bottom)
    }

    private static func decimals(_ value: Double) -> String { Figure.decimals(value, 1) }
}
