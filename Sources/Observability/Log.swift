/// A structured log: a constant message and fields with known keys.
public struct Log: Sendable {
    private let sink: any LogSink
    private let context: [(LogKey, LogValue)]

    public init(sink: any LogSink) {
        self.init(sink: sink, context: [])
    }

    private init(sink: any LogSink, context: [(LogKey, LogValue)]) {
        self.sink = sink
        self.context = context
    }

    /// The same log with a field on every record.
    public func with(_ key: LogKey, _ value: LogValue) -> Log {
        Log(sink: self.sink, context: self.context + [(key, value)])
    }

    public func isEnabled(_ level: LogLevel) -> Bool {
        level >= self.sink.minimumLevel
    }

    public func record(
        _ level: LogLevel, _ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]
    ) {
        guard self.isEnabled(level) else { return }
        let fields = fields().map { ($0.key, $0.value) }
        self.sink.write(LogRecord(level: level, message: message.description, fields: self.context + fields))
    }

    public func trace(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]) {
        self.record(.trace, message, fields())
    }

    public func debug(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]) {
        self.record(.debug, message, fields())
    }

    public func info(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]) {
        self.record(.info, message, fields())
    }

    public func notice(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]) {
        self.record(.notice, message, fields())
    }

    public func warning(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]) {
        self.record(.warning, message, fields())
    }

    public func error(_ message: StaticString, _ fields: @autoclosure () -> KeyValuePairs<LogKey, LogValue> = [:]) {
        self.record(.error, message, fields())
    }

    /// A log that keeps nothing, for code that is handed none.
    public static let disabled = Log(sink: DisabledSink())
}

public struct LogRecord: Sendable {
    public let level: LogLevel
    public let message: String
    public let fields: [(LogKey, LogValue)]

    public init(level: LogLevel, message: String, fields: [(LogKey, LogValue)]) {
        self.level = level
        self.message = message
        self.fields = fields
    }

    public subscript(key: LogKey) -> LogValue? {
        self.fields.last { $0.0 == key }?.1
    }
}

/// Where records go. `write` is called on event loops: it never blocks.
public protocol LogSink: Sendable {
    var minimumLevel: LogLevel { get }
    func write(_ record: LogRecord)
}

private struct DisabledSink: LogSink {
    // Above every level but `error`, whose records `write` drops as well.
    let minimumLevel = LogLevel.error
    func write(_ record: LogRecord) {}
}
