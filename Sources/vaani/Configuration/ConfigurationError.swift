/// Why a configuration cannot be used: every fault that was found, each naming its key.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    var faults: [String]

    init(_ faults: [String]) {
        self.faults = faults
    }

    var description: String { self.faults.joined(separator: "\nvaani: ") }
}
