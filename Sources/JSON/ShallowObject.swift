import CHotPath

/// The top-level members of one JSON object, found without parsing what is inside them.
///
/// For messages that carry audio: their payload stays a range of the frame and never becomes a `String`. Anything odd
/// (an escape in a key, a key that occurs twice, over 24 members) makes `init` return nil, and the caller parses fully.
/// The text is borrowed: a value must not outlive the buffer that it was made from.
public struct ShallowObject {
    private static let capacity = 24

    private let text: UnsafeRawBufferPointer
    private var members = InlineArray<24, vaani_json_member>(repeating: vaani_json_member())
    /// How many members it has.
    public let count: Int

    public init?(_ text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress else { return nil }
        self.text = text
        var found: Int32 = -1
        var span = self.members.mutableSpan
        span.withUnsafeMutableBufferPointer { buffer in
            found = vaani_json_members(
                base.assumingMemoryBound(to: CChar.self), text.count, buffer.baseAddress, Int32(Self.capacity))
        }
        guard found >= 0 else { return nil }
        self.count = Int(found)
        guard !self.hasDuplicateKeys else { return nil }
    }

    /// The contents of a string without escapes.
    public func plainBytes(_ key: StaticString) -> UnsafeRawBufferPointer? {
        guard let member = self.member(key), member.kind == UInt8(vaani_json_plain_string.rawValue) else { return nil }
        return self.slice(member.value_start, member.value_length)
    }

    /// A string; escapes are resolved.
    public func string(_ key: StaticString) -> String? {
        guard let member = self.member(key) else { return nil }
        let value = self.slice(member.value_start, member.value_length)
        switch UInt32(member.kind) {
        case vaani_json_plain_string.rawValue: return String(decoding: value, as: UTF8.self)
        case vaani_json_escaped_string.rawValue:
            let quoted = self.text[Int(member.value_start) - 1..<self.end(of: member) + 1]
            return (try? JSONValue(parsing: UnsafeRawBufferPointer(rebasing: quoted)))?.string
        default: return nil
        }
    }

    /// A whole number that fits `Int`.
    public func integer(_ key: StaticString) -> Int? {
        guard let member = self.member(key), member.kind == UInt8(vaani_json_other.rawValue) else { return nil }
        return Int(String(decoding: self.slice(member.value_start, member.value_length), as: UTF8.self))
    }

    /// Any member, parsed. nil where it is missing or malformed.
    public func value(_ key: StaticString) -> JSONValue? {
        guard let member = self.member(key) else { return nil }
        if member.kind != UInt8(vaani_json_other.rawValue) { return self.string(key).map(JSONValue.string) }
        return try? JSONValue(parsing: self.slice(member.value_start, member.value_length))
    }

    /// Whether a plain string member equals `literal`, without making a `String` of it.
    public func equals(_ key: StaticString, _ literal: StaticString) -> Bool {
        guard let value = self.plainBytes(key) else { return false }
        return value.elementsEqual(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    public func contains(_ key: StaticString) -> Bool {
        self.member(key) != nil
    }

    private func member(_ key: StaticString) -> vaani_json_member? {
        for index in 0..<self.count {
            let member = self.members[index]
            guard Int(member.key_length) == key.utf8CodeUnitCount else { continue }
            let name = self.slice(member.key_start, member.key_length)
            if name.elementsEqual(UnsafeBufferPointer(start: key.utf8Start, count: name.count)) { return member }
        }
        return nil
    }

    private var hasDuplicateKeys: Bool {
        for later in 0..<self.count {
            let name = self.slice(self.members[later].key_start, self.members[later].key_length)
            for earlier in 0..<later where self.members[earlier].key_length == self.members[later].key_length {
                let other = self.slice(self.members[earlier].key_start, self.members[earlier].key_length)
                if name.elementsEqual(other) { return true }
            }
        }
        return false
    }

    private func end(of member: vaani_json_member) -> Int {
        Int(member.value_start) + Int(member.value_length)
    }

    private func slice(_ start: UInt32, _ length: UInt32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self.text[Int(start)..<Int(start) + Int(length)])
    }
}
