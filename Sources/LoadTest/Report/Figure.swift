import Foundation

/// Numbers as people read them.
enum Figure {
    static func milliseconds(_ duration: Duration) -> String {
        String(format: "%.2f", duration / .milliseconds(1))
    }

    static func decimals(_ value: Double, _ count: Int) -> String {
        String(format: "%.\(count)f", value)
    }

    static func kibibytes(_ bytes: Int) -> String {
        self.decimals(Double(bytes) / 1_024, 1)
    }
}
