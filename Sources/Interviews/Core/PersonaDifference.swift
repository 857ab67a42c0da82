import JSON

/// What a persona has and would have.
public struct PersonaDifference: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
        case add, update, remove
        case noChange = "no-change"
    }

    public struct Change: Sendable, Equatable {
        /// The file's key, and the keys within: `values.core`, `cache.background`.
        public var field: String
        public var old: JSONValue
        public var new: JSONValue
        public var action: Action
    }

    public var changes: [Change]
    /// The same for eyes: the unified format of diff, over core.json.
    public var text: String

    /// Fields that would change.
    public var fields: [String] { self.changes.filter { $0.action != .noChange }.map(\.field) }

    /// Compares members; those of an object each by itself.
    static func changes(_ field: String, _ old: JSONValue?, _ new: JSONValue?) -> [Change] {
        if let left = old?.object ?? (old == nil ? [:] : nil), let right = new?.object, !right.isEmpty {
            return Set(left.keys).union(right.keys).sorted().flatMap { key in
                self.changes("\(field).\(key)", left[key], right[key])
            }
        }
        let action: Action =
            if old == new { .noChange } else if old == nil { .add } else if new == nil { .remove } else { .update }
        return [Change(field: field, old: old ?? .null, new: new ?? .null, action: action)]
    }

    public var json: JSONValue {
        let summary = Action.allCases.map { action in
            (action.rawValue, JSONValue.integer(self.changes.count { $0.action == action }))
        }
        return [
            "changes": .array(
                self.changes.map {
                    [
                        "field": .string($0.field), "old": $0.old, "new": $0.new, "action": .string($0.action.rawValue),
                    ]
                }),
            "summary": .object(Dictionary(uniqueKeysWithValues: summary)), "text": .string(self.text),
        ]
    }
}

/// The unified format of diff, three lines around each change.
enum UnifiedDiff {
    private static let context = 3

    private enum Line {
        case same(String), gone(String), new(String)
    }

    static func text(_ old: [UInt8], _ new: [UInt8], name: String) -> String {
        guard old != new else { return "" }
        let lines = self.lines(self.split(old), self.split(new))
        let hunks = self.hunks(lines)
        return "--- a/\(name)\n+++ b/\(name)\n" + hunks.map { self.text(of: $0, in: lines) }.joined()
    }

    private static func split(_ bytes: [UInt8]) -> [String] {
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        return lines.map { String($0) }
    }

    private static func lines(_ old: [String], _ new: [String]) -> [Line] {
        let difference = new.difference(from: old)
        var gone: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): gone.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var (left, right) = (0, 0)
        var lines: [Line] = []
        while left < old.count || right < new.count {
            if gone.contains(left) {
                lines.append(.gone(old[left]))
                left += 1
            } else if added.contains(right) {
                lines.append(.new(new[right]))
                right += 1
            } else {
                lines.append(.same(old[left]))
                (left, right) = (left + 1, right + 1)
            }
        }
        return lines
    }

    private static func hunks(_ lines: [Line]) -> [Range<Int>] {
        var hunks: [Range<Int>] = []
        for (index, line) in lines.enumerated() {
            if case .same = line { continue }
            let range = max(0, index - self.context)..<min(lines.count, index + self.context + 1)
            if let last = hunks.last, last.upperBound >= range.lowerBound {
                hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
            } else {
                hunks.append(range)
            }
        }
        return hunks
    }

    private static func text(of hunk: Range<Int>, in lines: [Line]) -> String {
        func count(_ range: Range<Int>, old: Bool) -> Int {
            lines[range].count {
                switch $0 {
                case .same: true
                case .gone: old
                case .new: !old
                }
            }
        }
        func span(old: Bool) -> String {
            let length = count(hunk, old: old)
            let start = count(0..<hunk.lowerBound, old: old) + (length > 0 ? 1 : 0)
            return "\(start),\(length)"
        }
        let body = lines[hunk].map { line in
            switch line {
            case .same(let text): " \(text)\n"
            case .gone(let text): "-\(text)\n"
            case .new(let text): "+\(text)\n"
            }
        }
        return "@@ -\(span(old: true)) +\(span(old: false)) @@\n" + body.joined()
    }
}
