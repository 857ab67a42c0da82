/// Whether what comes out is still the recording. A damaged packet is passed over, as every player does, because phones
/// and networks do damage one; but a file of which less than half decodes is noise.
struct Health: Equatable {
    private static let patience = 64

    private(set) var decoded = 0
    private(set) var damaged = 0

    mutating func frameDecoded() { self.decoded += 1 }

    mutating func packetDamaged() throws(DecodeFailure) {
        self.damaged += 1
        if self.damaged > Self.patience { try self.check() }
    }

    func check() throws(DecodeFailure) {
        guard self.damaged <= self.decoded else {
            throw .bad("\(self.damaged) of \(self.damaged + self.decoded) packets are damaged")
        }
    }
}
