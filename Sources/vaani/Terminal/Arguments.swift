/// A flag of a command.
struct Flag: Sendable {
    /// Without the dashes.
    let name: String
    /// How help names its value, such as `FILE`; nil for a flag that is there or not.
    let value: String?
    let sentence: String

    init(_ name: String, _ value: String? = nil, _ sentence: String) {
        self.name = name
        self.value = value
        self.sentence = sentence
    }

    static let help = Flag("help", nil, "Print this help and exit.")
}

/// A command line after the command's name, taken apart by the flags that the command has.
struct Arguments: Sendable, Equatable {
    /// Values in the order given; a flag without value has an empty one.
    private(set) var values: [String: [String]] = [:]
    /// What is no flag.
    private(set) var operands: [String] = []

    /// Takes `--flag value`, `--flag=value`, `-h`, and `--`, after which nothing is a flag.
    init(parsing words: some Sequence<String>, flags: [Flag]) throws(CommandError) {
        var words = words.makeIterator()
        while let word = words.next() {
            if word == "--" {
                while let operand = words.next() { self.operands.append(operand) }
            } else if word == "-h" {
                self.values["help", default: []].append("")
            } else if word.hasPrefix("-"), word != "-" {
                try self.parse(word, flags, next: { words.next() })
            } else {
                self.operands.append(word)
            }
        }
    }

    private mutating func parse(_ word: String, _ flags: [Flag], next: () -> String?) throws(CommandError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let flag = flags.first(where: { "--\($0.name)" == parts[0] }) else {
            let hint = Suggestion.hint(for: parts[0], among: flags.map { "--\($0.name)" })
            throw CommandError(.usage, "there is no option \(parts[0])\(hint)")
        }
        guard let valueName = flag.value else {
            guard parts.count == 1 else { throw CommandError(.usage, "--\(flag.name) takes no value") }
            self.values[flag.name, default: []].append("")
            return
        }
        guard let value = parts.count == 2 ? parts[1] : next() else {
            throw CommandError(.usage, "--\(flag.name) needs a value: --\(flag.name) \(valueName)")
        }
        self.values[flag.name, default: []].append(value)
    }

    func has(_ flag: String) -> Bool { self.values[flag] != nil }

    /// The last value given: a later flag outranks an earlier one.
    func value(_ flag: String) -> String? { self.values[flag]?.last }

    /// - Throws: usage, naming the first operand beyond `count`.
    func requireOperands(atMost count: Int) throws(CommandError) {
        guard self.operands.count > count else { return }
        throw CommandError(.usage, "unexpected argument \"\(self.operands[count])\"")
    }

    /// A whole number within a range; nil where the flag was not given.
    func number(_ flag: String, _ range: ClosedRange<Int>) throws(CommandError) -> Int? {
        guard let text = self.value(flag) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw CommandError(.usage, "--\(flag): \"\(text)\" is not \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number within a range, with or without decimals; nil where the flag was not given.
    func decimal(_ flag: String, _ range: ClosedRange<Double>) throws(CommandError) -> Double? {
        guard let text = self.value(flag) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw CommandError(.usage, "--\(flag): \"\(text)\" is not \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
