/// The same random numbers in every run (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var bits = self.state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// Cuts a collection at random places; half of the pieces are of 1 to 3 elements.
    mutating func pieces<Element>(of whole: [Element], upTo longest: Int) -> [ArraySlice<Element>] {
        var (pieces, begin) = ([ArraySlice<Element>](), 0)
        while begin < whole.count {
            let length =
                Bool.random(using: &self)
                ? Int.random(in: 1...3, using: &self) : Int.random(in: 1...longest, using: &self)
            pieces.append(whole[begin..<min(begin + length, whole.count)])
            begin = min(begin + length, whole.count)
        }
        return pieces
    }

    /// Flips one to four bits.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &self) {
            bytes[Int.random(in: bytes.indices, using: &self)] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        }
        return bytes
    }
}
