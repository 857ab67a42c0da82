/// The body of a close frame.
struct CloseFrame: Equatable {
    let code: Int
    let reason: String

    private static let maxReasonBytes = 123

    /// What is to be sent: a code that may not go on the wire becomes 1011, a long reason is cut between characters.
    init(code: Int, reason: String) {
        self.code = Self.isLegal(code) ? code : 1011
        var cut = reason
        while cut.utf8.count > Self.maxReasonBytes { cut.removeLast() }
        self.reason = cut
    }

    /// What was received; nil when RFC 6455 section 7.4 forbids it. An empty body has code 1005.
    init?(_ body: UnsafeRawBufferPointer) {
        guard !body.isEmpty else {
            self.code = 1005
            self.reason = ""
            return
        }
        guard body.count >= 2 else { return nil }
        let code = Int(body[0]) << 8 | Int(body[1])
        let reason = UnsafeRawBufferPointer(rebasing: body.dropFirst(2))
        guard Self.isLegal(code), reason.isValidUTF8 else { return nil }
        self.code = code
        self.reason = String(decoding: reason, as: UTF8.self)
    }

    private static func isLegal(_ code: Int) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
