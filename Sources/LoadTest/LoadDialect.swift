/// How a synthetic user speaks with the gateway.
public enum LoadDialect: String, Sendable, CaseIterable {
    /// One WAV for each turn up and one down, as apps in the field do.
    case legacy
    /// `hello`, then a live microphone and deltas, all of it JSON.
    case json
    /// `hello` with the feature `binary`; frames of PCM16.
    case binary
    /// `hello` with the feature `binary`; Opus packets.
    case opus
    /// The Realtime protocol at `/v1/realtime`: no session of the gateway in between.
    case realtime

    /// What a gateway is for: every dialect but the model's own.
    public static let ofGateways: [LoadDialect] = [.legacy, .json, .binary, .opus]

    /// Audio in one message of the microphone, where nobody asks for another length.
    public var chunkMilliseconds: Int { self == .opus ? 20 : 40 }

    /// Whether audio travels in binary frames.
    var isFramed: Bool { self == .binary || self == .opus }

    func url(_ base: String, user: Int) -> String {
        switch self {
        case .legacy: "\(base)/ws-mobile/load-\(user)"
        case .json, .binary, .opus: "\(base)/ws/load-\(user)"
        case .realtime: "\(base)/v1/realtime?model=echo"
        }
    }
}

/// Which users speak which dialect, by shares.
public struct DialectMix: Sendable, Equatable {
    public struct Share: Sendable, Equatable {
        public var dialect: LoadDialect
        /// Relative to the sum of all shares.
        public var weight: Int

        public init(_ dialect: LoadDialect, weight: Int) {
            self.dialect = dialect
            self.weight = weight
        }
    }

    public let shares: [Share]

    /// - Parameter shares: not empty; weights of 1 or more.
    public init(_ shares: [Share]) {
        precondition(!shares.isEmpty && shares.allSatisfy { $0.weight > 0 }, "a mix needs shares of 1 or more")
        self.shares = shares
    }

    /// Takes `json`, or shares such as `json=70,legacy=30`.
    public init(parsing text: String) throws(LoadError) {
        var shares: [Share] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let share = try Self.share(part)
            guard !shares.contains(where: { $0.dialect == share.dialect }) else {
                throw LoadError("dialect \(share.dialect.rawValue) occurs twice")
            }
            shares.append(share)
        }
        self.init(shares)
    }

    private static func share(_ part: Substring) throws(LoadError) -> Share {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let dialect = LoadDialect(rawValue: String(sides[0])) else {
            let known = LoadDialect.allCases.map(\.rawValue).joined(separator: ", ")
            throw LoadError("\"\(sides[0])\" is no dialect; there are \(known)")
        }
        guard sides.count == 2 else { return Share(dialect, weight: 1) }
        guard let weight = Int(sides[1]), (1...10_000).contains(weight) else {
            throw LoadError("the share of \(dialect.rawValue) is \"\(sides[1])\", not 1 to 10000")
        }
        return Share(dialect, weight: weight)
    }

    /// The dialect of the user with this number; the first n users have the shares of the mix as nearly as n allows.
    public func dialect(of user: Int) -> LoadDialect {
        let total = self.shares.reduce(0) { $0 + $1.weight }
        // The share that is furthest behind what it should have is next; the pattern repeats after `total` users.
        var given = Array(repeating: 0, count: self.shares.count)
        var last = 0
        for position in 0...(user % total) {
            last =
                self.shares.indices.max { left, right in
                    self.debt(left, given, position + 1) < self.debt(right, given, position + 1)
                } ?? 0
            given[last] += 1
        }
        return self.shares[last].dialect
    }

    /// How many users a share lacks among the first `count`, times the sum of weights.
    private func debt(_ index: Int, _ given: [Int], _ count: Int) -> Int {
        let total = self.shares.reduce(0) { $0 + $1.weight }
        return self.shares[index].weight * count - given[index] * total
    }
}

extension DialectMix: CustomStringConvertible {
    public var description: String {
        guard self.shares.count > 1 else { return self.shares[0].dialect.rawValue }
        return self.shares.map { "\($0.dialect.rawValue)=\($0.weight)" }.joined(separator: ",")
    }
}
