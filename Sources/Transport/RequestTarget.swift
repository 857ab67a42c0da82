/// The path and the query of a request.
struct RequestTarget: Equatable {
    let path: String
    let query: [(String, String)]

    static func == (left: Self, right: Self) -> Bool {
        left.path == right.path && left.query.elementsEqual(right.query, by: ==)
    }

    init(_ target: String) throws(HTTPRefusal) {
        let local = Self.withoutAuthority(target)
        guard local.hasPrefix("/") || local == "*" else { throw .malformed("the request target is not a path") }
        let beforeFragment = local.prefix { $0 != "#" }
        let parts = beforeFragment.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.path = String(parts[0])
        self.query = parts.count == 2 ? Self.parseQuery(parts[1]) : []
    }

    /// A proxy may send the whole URL.
    private static func withoutAuthority(_ target: String) -> Substring {
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        return target[...]
    }

    private static func parseQuery(_ text: Substring) -> [(String, String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decode(parts[0]), parts.count == 2 ? Self.decode(parts[1]) : "")
        }
    }

    /// Percent-decoded once, `+` as a blank; what is no UTF-8 becomes U+FFFD, a stray `%` stays.
    private static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let high = rest[rest.startIndex].hexDigit,
                let low = rest[rest.startIndex + 1].hexDigit
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}
