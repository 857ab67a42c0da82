import Foundation

/// One record as one line of text: JSON for machines, columns for a person at a terminal.
public enum LogLine: Sendable {
    case json
    case pretty

    // A client chooses ids and reasons: long ones would let it fill a disk.
    private static let maxValueCharacters = 256

    public func render(_ record: LogRecord, at date: Date) -> String {
        let time = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch self {
        case .json:
            let fields = record.fields.map { ",\(Self.quote($0.0.rawValue)):\(Self.json($0.1))" }.joined()
            let head = #"{"time":"\#(time)","level":"\#(record.level.rawValue)","message":"#
            return head + Self.quote(record.message) + fields + "}\n"
        case .pretty:
            let fields = record.fields.map { " \($0.0.rawValue)=\(Self.json($0.1))" }.joined()
            let level = record.level.rawValue.uppercased().padding(toLength: 7, withPad: " ", startingAt: 0)
            return "\(time) \(level) \(record.message)\(fields)\n"
        }
    }

    private static func json(_ value: LogValue) -> String {
        switch value {
        case .text(let text): self.quote(text)
        case .integer(let number): String(number)
        case .number(let number): number.isFinite ? String(number) : "null"
        }
    }

    /// Quotes and escapes so that no value can break its line, move a terminal's cursor or pass for another field.
    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars.prefix(self.maxValueCharacters) {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.properties.generalCategory.isInvisible:
                quoted += scalar.utf16.map { "\\u" + String(format: "%04x", $0) }.joined()
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isInvisible: Bool {
        switch self {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
        default: false
        }
    }
}
