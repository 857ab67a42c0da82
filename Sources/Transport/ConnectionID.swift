import Synchronization

/// Names one connection in logs; unique within the process.
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    private static let counter = Atomic<UInt64>(0)

    public let rawValue: UInt64

    static func next() -> ConnectionID {
        ConnectionID(rawValue: self.counter.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    public var description: String { "c\(self.rawValue)" }
}
