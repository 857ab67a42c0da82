import JSON

/// A request, checked: a line of JSON, then the file.
struct ReadRequest {
    enum Kind: String, CaseIterable {
        case pdf = "PDF"
        case docx = "DOCX"
    }

    var kind: Kind
    var maxTextBytes: Int
    var file: [UInt8]

    init(parsing request: [UInt8]) throws(ReadFailure) {
        guard let lineEnd = request.firstIndex(of: UInt8(ascii: "\n")),
            let head = try? JSONValue(parsing: Array(request[..<lineEnd]))
        else { throw ReadFailure(.damaged, "a request begins with a line of json") }
        guard let kind = head["kind"]?.string.flatMap(Kind.init) else {
            throw ReadFailure(.unsupported, "a request names PDF or DOCX as its kind")
        }
        guard let bytes = head["max_text_bytes"]?.integer, (1...16 << 20).contains(bytes) else {
            throw ReadFailure(.damaged, "a request says max_text_bytes")
        }
        self.kind = kind
        self.maxTextBytes = bytes
        self.file = Array(request[(lineEnd + 1)...])
    }

    /// Reads the file; `emit` takes the text and returns false once nobody wants it any more.
    func perform(_ emit: ([UInt8]) -> Bool) throws {
        guard !self.file.isEmpty else { throw ReadFailure(.damaged, "a file of 0 bytes") }
        var text = TextOutput(limit: self.maxTextBytes)
        switch self.kind {
        case .pdf: try PDFDocument.read(self.file, into: &text, emit)
        case .docx: try WordDocument.read(self.file, into: &text, emit)
        }
        _ = text.flush(emit)
    }
}
