import JSON
import RealtimeProtocol

/// The members of one object of a client's event. Reading one that has the wrong type throws the vendor's error for it.
///
/// An absent member reads as nil. An explicit `null` is an error except where a method says otherwise: the vendor does
/// not take `null` for `false` either.
struct Fields {
    private let members: [String: JSONValue]
    private let path: String

    /// - Parameter path: where the object is in the event, such as `session.audio`; empty for the event itself.
    init(_ value: JSONValue, _ path: String) throws(RealtimeError) {
        guard let members = value.object else { throw .invalidType(path, "an object", value) }
        self.members = members
        self.path = path
    }

    subscript(key: String) -> JSONValue? { self.members[key] }

    func path(_ key: String) -> String {
        self.path.isEmpty ? key : "\(self.path).\(key)"
    }

    func isNull(_ key: String) -> Bool { self.members[key]?.isNull ?? false }

    /// Refuses members that are not listed.
    func allow(_ known: String...) throws(RealtimeError) {
        guard let stranger = self.members.keys.filter({ !known.contains($0) }).min() else { return }
        throw .unknown(self.path(String(stranger.prefix(64))))
    }

    func object(_ key: String) throws(RealtimeError) -> Fields? {
        guard let value = self.members[key] else { return nil }
        return try Fields(value, self.path(key))
    }

    func array(_ key: String, maxCount: Int) throws(RealtimeError) -> [JSONValue]? {
        guard let value = self.members[key] else { return nil }
        guard let array = value.array else { throw .invalidType(self.path(key), "an array", value) }
        guard array.count <= maxCount else { throw .tooMany(self.path(key), limit: maxCount, actual: array.count) }
        return array
    }

    /// - Parameter maxLength: in Unicode scalars.
    func string(_ key: String, maxLength: Int = .max) throws(RealtimeError) -> String? {
        guard let value = self.members[key] else { return nil }
        guard let string = value.string else { throw .invalidType(self.path(key), "a string", value) }
        guard string.utf8.count > maxLength else { return string }
        let length = string.unicodeScalars.count
        guard length <= maxLength else { throw .tooLong(self.path(key), limit: maxLength, actual: length) }
        return string
    }

    /// Like ``string(_:maxLength:)``, and `null` reads as absent.
    func nullableString(_ key: String, maxLength: Int = .max) throws(RealtimeError) -> String? {
        self.isNull(key) ? nil : try self.string(key, maxLength: maxLength)
    }

    func requiredString(_ key: String, maxLength: Int = .max) throws(RealtimeError) -> String {
        guard let string = try self.string(key, maxLength: maxLength) else { throw .missing(self.path(key)) }
        return string
    }

    func choice(_ key: String, of choices: [String]) throws(RealtimeError) -> String? {
        guard let string = try self.string(key) else { return nil }
        guard choices.contains(string) else { throw .invalidValue(self.path(key), string, of: choices) }
        return string
    }

    func requiredChoice(_ key: String, of choices: [String]) throws(RealtimeError) -> String {
        guard let string = try self.choice(key, of: choices) else { throw .missing(self.path(key)) }
        return string
    }

    func bool(_ key: String) throws(RealtimeError) -> Bool? {
        guard let value = self.members[key] else { return nil }
        guard let bool = value.bool else { throw .invalidType(self.path(key), "a boolean", value) }
        return bool
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(RealtimeError) -> Int? {
        guard let value = self.members[key] else { return nil }
        guard let integer = value.integer else { throw .invalidType(self.path(key), "an integer", value) }
        guard !range.contains(integer) else { return integer }
        let isAbove = integer > range.upperBound
        throw .outOfRange(
            self.path(key), "integer", isAbove: isAbove, bound: "\(isAbove ? range.upperBound : range.lowerBound)",
            actual: "\(integer)")
    }

    func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws(RealtimeError) -> Int {
        guard let integer = try self.integer(key, in: range) else { throw .missing(self.path(key)) }
        return integer
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(RealtimeError) -> Double? {
        guard let value = self.members[key] else { return nil }
        guard let number = value.double else { throw .invalidType(self.path(key), "a number", value) }
        guard !range.contains(number) else { return number }
        let isAbove = number > range.upperBound
        throw .outOfRange(
            self.path(key), "decimal", isAbove: isAbove, bound: "\(isAbove ? range.upperBound : range.lowerBound)",
            actual: "\(number)")
    }
}
