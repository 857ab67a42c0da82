import CPDFText

/// A PDF, as Poppler reads it.
struct PDFDocument: ~Copyable {
    // A scenario has a few; a file of a few kilobytes can claim a billion.
    private static let maxPages = 1_000

    private let handle: OpaquePointer

    /// The bytes are borrowed as long as the document is open.
    private init(_ bytes: UnsafeBufferPointer<CChar>) throws(ReadFailure) {
        var state = vaani_pdf_damaged
        guard let handle = vaani_pdf_open(bytes.baseAddress, bytes.count, &state) else {
            throw state == vaani_pdf_locked
                ? ReadFailure(.encrypted, "the PDF opens with a password alone")
                : ReadFailure(.damaged, "the PDF is damaged or cut off")
        }
        self.handle = handle
    }

    deinit { vaani_pdf_close(self.handle) }

    static func read(_ file: [UInt8], into text: inout TextOutput, _ emit: ([UInt8]) -> Bool) throws {
        try file.withUnsafeBytes { bytes in
            try PDFDocument(bytes.bindMemory(to: CChar.self)).read(into: &text, emit)
        }
    }

    private func read(into text: inout TextOutput, _ emit: ([UInt8]) -> Bool) throws(ReadFailure) {
        let count = Int(vaani_pdf_page_count(self.handle))
        guard count <= Self.maxPages else {
            throw ReadFailure(.tooLong, "the PDF has \(count) pages, and \(Self.maxPages) is the most")
        }
        for index in 0..<count {
            var length = 0
            // A page that is damaged is left out, as every reader does.
            guard let page = vaani_pdf_page_text(self.handle, Int32(index), &length) else { continue }
            let utf8 = UnsafeRawBufferPointer(start: page, count: length)
            // What fonts say about their letters may be no text at all.
            try text.append(String(decoding: utf8, as: UTF8.self).utf8)
            try text.append("\n".utf8)
            guard text.flushIfFull(emit) else { return }
        }
    }
}
