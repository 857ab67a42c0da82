/// Makes ids that look like the provider's: a letter and ten hexadecimal digits.
struct IdentifierMint: Sendable, Equatable {
    private var state: UInt64

    init(salt: UInt64) {
        self.state = salt
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): the same salt gives the same ids in the same order.
    mutating func next(_ prefix: String) -> String {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        let digits = String((mixed ^ (mixed >> 31)) >> 24, radix: 16)
        return prefix + String(repeating: "0", count: 10 - digits.count) + digits
    }
}
