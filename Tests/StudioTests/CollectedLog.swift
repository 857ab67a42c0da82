import Observability
import Synchronization

/// A log that tests read.
final class CollectedLog: LogSink {
    private let lines = Mutex<[LogRecord]>([])
    let minimumLevel = LogLevel.trace

    var log: Log { Log(sink: self) }
    var records: [LogRecord] { self.lines.withLock { $0 } }

    func write(_ record: LogRecord) { self.lines.withLock { $0.append(record) } }
}
