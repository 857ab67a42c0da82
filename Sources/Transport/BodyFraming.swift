/// How a request says where its body ends (RFC 9112 section 6).
enum BodyFraming: Equatable {
    case none
    case length(Int)
    case chunked

    init(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        let encodings = head.headers.list("transfer-encoding")
        let lengths = Set(head.headers.list("content-length"))
        let hasLength = head.headers["content-length"] != nil
        guard encodings.isEmpty || !hasLength else {
            throw .malformed("content-length and transfer-encoding exclude each other")
        }
        if head.headers["transfer-encoding"] != nil {
            guard head.isVersion11, encodings.count == 1, encodings[0].lowercased() == "chunked" else {
                throw HTTPRefusal(status: 501, code: "encoding", message: "chunked is the only transfer encoding here")
            }
            self = .chunked
        } else if hasLength {
            guard lengths.count == 1, let text = lengths.first, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let length = Int(text)
            else { throw .malformed("content-length is not one number of bytes") }
            self = length == 0 ? .none : .length(length)
        } else {
            self = .none
        }
    }
}
