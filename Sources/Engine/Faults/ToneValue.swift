import Foundation
import JSON

/// Audio within a script: `{$tone: {ms: 100, hz: 440}}` stands for base64 of PCM16 at 24 kHz.
enum ToneValue {
    static func samples(hertz: Int, from start: Int, count: Int) -> [Int16] {
        (start..<start + count).map { Int16(9_000 * sin(2 * .pi * Double(hertz) * Double($0) / 24_000)) }
    }

    static func base64(hertz: Int, from start: Int, count: Int) -> JSONValue {
        let text = Self.samples(hertz: hertz, from: start, count: count).withUnsafeBytes { Base64.encode($0) }
        return .string(String(decoding: text, as: UTF8.self))
    }

    /// The same members, every tone in them made.
    static func filled(_ members: [String: JSONValue]) -> [String: JSONValue] {
        members.mapValues { self.filled($0) }
    }

    private static func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            guard members.count == 1, let tone = members["$tone"] else { return .object(self.filled(members)) }
            let milliseconds = min(10_000, max(0, tone["ms"]?.integer ?? 100))
            let hertz = min(12_000, max(0, tone["hz"]?.integer ?? 440))
            return self.base64(hertz: hertz, from: 0, count: 24 * milliseconds)
        case .array(let values): return .array(values.map { self.filled($0) })
        default: return value
        }
    }
}
