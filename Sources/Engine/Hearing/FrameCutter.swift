/// Cuts sound that comes in pieces of any length into whole frames.
struct FrameCutter: Sendable, Equatable {
    private var rest: [Int16] = []

    /// The frames that are complete with `samples`, one behind the other.
    mutating func cut(_ samples: [Int16]) -> [Int16] {
        var all = self.rest.isEmpty ? samples : self.rest + samples
        let whole = all.count - all.count % SpeechFrame.samples
        self.rest = Array(all[whole...])
        all.removeLast(all.count - whole)
        return all
    }
}
