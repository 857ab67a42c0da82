import Foundation
import JSON

/// Reads an object of a provider's answer. A member of the wrong type is as good as none: what a provider says is taken
/// as it is useful, never trusted.
struct RemoteFields: Sendable {
    private static let maxID = 128
    private let members: [String: JSONValue]
    private let redaction: Redaction

    init(_ members: [String: JSONValue], _ redaction: Redaction) {
        self.members = members
        self.redaction = redaction
    }

    /// Whether the provider says anything of it, be it null.
    func has(_ key: String) -> Bool { self.members[key] != nil }

    /// Whether there is anything in it.
    func isSet(_ key: String) -> Bool {
        guard let value = self.members[key], !value.isNull else { return false }
        return value.array?.isEmpty != true
    }

    /// The text under the first of its names that has one; at most `limit` scalars of it.
    func text(_ names: [String], limit: Int = 500) -> String? {
        names.lazy.compactMap { self.members[$0]?.string }.first.map { self.redaction.clean($0, limit: limit) }
    }

    /// What can be asked for again: 1 to 128 visible characters of ASCII.
    func id(_ names: [String]) -> String? {
        guard let text = names.lazy.compactMap({ self.members[$0]?.string }).first,
            (1...Self.maxID).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            self.redaction.clean(text, limit: Self.maxID) == text
        else { return nil }
        return text
    }

    func texts(_ name: String, limit: Int = 100) -> [String] {
        (self.members[name]?.array ?? []).lazy.compactMap(\.string).prefix(limit)
            .map { self.redaction.clean($0, limit: 200) }
    }

    /// A word for programs: 1 to 64 small letters, digits and underscores.
    func word(_ name: String) -> String? {
        guard let text = self.members[name]?.string?.lowercased(), (1...64).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }),
            self.redaction.clean(text, limit: 64) == text
        else { return nil }
        return text
    }

    /// A page for the eyes, of a scheme that runs nothing.
    func url(_ names: [String]) -> String? {
        guard let text = self.text(names, limit: 2_048), text.hasPrefix("https://") || text.hasPrefix("http://") else {
            return nil
        }
        return text
    }

    func date(_ name: String) -> Date? { self.members[name]?.string.flatMap { RemoteTime.date($0) } }
}

/// Times as providers write them: with or without fractions, with or without a zone, which then is UTC.
enum RemoteTime {
    static func date(_ text: String) -> Date? {
        guard text.utf8.count <= 40 else { return nil }
        let rest = text.dropFirst(19)
        let zone = rest.drop { $0 == "." || $0.isASCII && $0.isNumber }
        let second = text.prefix(19).replacing(" ", with: "T")
        // Foundation reads past what follows a zone.
        guard zone.isEmpty || zone == "Z" || zone.wholeMatch(of: /[+-]\d\d:?\d\d/) != nil,
            let date = try? Date("\(second)\(zone.isEmpty ? "Z" : zone)", strategy: .iso8601)
        else { return nil }
        let fraction = rest.prefix(rest.count - zone.count)
        guard let part = fraction.isEmpty ? 0 : Double("0\(fraction)") else { return nil }
        return date.addingTimeInterval((part * 1_000).rounded() / 1_000)
    }
}
