/// A value that goes into a statement.
public enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }

    /// NULL for nil.
    public static func text(orNull value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    /// NULL for nil.
    public static func integer(orNull value: Int?) -> SQLValue { value.map { .integer($0) } ?? .null }
}
