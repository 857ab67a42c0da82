import Observability
import Synchronization

/// A log that tests read.
public final class CollectedLog: LogSink {
    private let lines = Mutex<[LogRecord]>([])
    public let minimumLevel = LogLevel.trace

    public init() {}

    public var log: Log { Log(sink: self) }
    public var records: [LogRecord] { self.lines.withLock { $0 } }

    public func write(_ record: LogRecord) { self.lines.withLock { $0.append(record) } }
}
