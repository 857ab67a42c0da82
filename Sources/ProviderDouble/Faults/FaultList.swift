import JSON

/// The rules in force, eldest first.
struct FaultList: Sendable, Equatable {
    static let capacity = 256

    private(set) var rules: [FaultRule] = []

    mutating func add(_ rule: FaultRule) throws(ProviderDoubleError) {
        guard self.rules.count < Self.capacity else {
            throw ProviderDoubleError("fault", "\(Self.capacity) rules are in force; take some away first")
        }
        self.rules.append(rule)
    }

    mutating func clear() {
        self.rules = []
    }

    /// The rule for a request, which is thereby used once; nil where none has a say.
    mutating func take(_ request: DoubleRequest) -> FaultRule? {
        guard let index = self.rules.firstIndex(where: { $0.pattern.matches(request) && $0.times != 0 }) else {
            return nil
        }
        if self.rules[index].skip > 0 {
            self.rules[index].skip -= 1
            return nil
        }
        let rule = self.rules[index]
        if let times = rule.times {
            self.rules[index].times = times - 1
            if times == 1 { self.rules.remove(at: index) }
        }
        return rule
    }
}
