/// Names one request in its answer and in the log, so that a report can be matched to a line.
public struct RequestID: Sendable, CustomStringConvertible {
    public let description: String

    /// 64 random bits in hexadecimal.
    public init() {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        self.description = "req_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
