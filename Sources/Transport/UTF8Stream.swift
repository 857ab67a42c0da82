/// Checks text that arrives in pieces, cut anywhere: wrong bytes are found when they come, not at the message's end.
struct UTF8Stream {
    // The beginning of a character whose rest has not come.
    private var pending: [UInt8] = []

    /// Whether the text may end here.
    var isComplete: Bool { self.pending.isEmpty }

    /// Whether what came so far can become well-formed UTF-8.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes[...]
        while !self.pending.isEmpty, let byte = rest.popFirst() {
            self.pending.append(byte)
            switch Self.judge(self.pending[...]) {
            case .complete: self.pending = []
            case .begun: break
            case .wrong: return false
            }
        }
        guard !rest.isEmpty else { return true }
        let begun = Self.begunCharacter(rest)
        self.pending = Array(begun)
        return UnsafeRawBufferPointer(rebasing: rest.dropLast(begun.count)).isValidUTF8
    }

    private enum Verdict {
        case complete, begun, wrong
    }

    /// The bytes at the end that begin a character and do not complete it.
    private static func begunCharacter(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        for count in 1...min(3, bytes.count) {
            let suffix = bytes.suffix(count)
            guard let first = suffix.first, first & 0xC0 != 0x80 else { continue }
            return Self.judge(ArraySlice(suffix)) == .begun ? suffix : bytes.suffix(0)
        }
        return bytes.suffix(0)
    }

    /// What the bytes from a character's first on are (RFC 3629 section 4).
    private static func judge(_ bytes: ArraySlice<UInt8>) -> Verdict {
        guard let first = bytes.first else { return .wrong }
        let length: Int
        switch first {
        case ..<0x80: length = 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return .wrong
        }
        if let second = bytes.dropFirst().first, !Self.secondBytes(after: first).contains(second) { return .wrong }
        guard bytes.dropFirst(2).allSatisfy({ $0 & 0xC0 == 0x80 }) else { return .wrong }
        return bytes.count < length ? .begun : bytes.count == length ? .complete : .wrong
    }

    /// Excludes what could be shorter, surrogates, and what lies beyond U+10FFFF.
    private static func secondBytes(after first: UInt8) -> ClosedRange<UInt8> {
        switch first {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are well-formed UTF-8.
    var isValidUTF8: Bool {
        self.withMemoryRebound(to: UInt8.self) { (try? UTF8Span(validating: $0.span)) != nil }
    }
}
