/// Turns a document that is no text into text.
public protocol DocumentConverter: Sendable {
    /// The text of a document; empty where it has none, such as a PDF of photographed pages.
    ///
    /// - Parameter maxBytes: of UTF-8; a document with more is `tooLong`.
    func text(of bytes: [UInt8], _ kind: DocumentKind, maxBytes: Int) async throws(DocumentFault) -> String
}

/// What a document is, by its first bytes: its name and its declared type say nothing that can be relied on.
public enum DocumentKind: String, Sendable, CaseIterable {
    case pdf = "PDF"
    /// Any ZIP archive; whether it is one of Word shows inside.
    case docx = "DOCX"
    /// A compound file (MS-CFB): Word before 2007, and any newer one that has a password.
    case compound = "DOC, or with a password,"

    static func sniff(_ bytes: [UInt8]) -> DocumentKind? {
        if bytes.starts(with: Array("%PDF-".utf8)) { return .pdf }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .docx }
        if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) { return .compound }
        return nil
    }
}

/// Why a document has not become text.
public enum DocumentFault: String, Error, Sendable, CaseIterable {
    case encrypted, damaged
    case tooLong = "too_long"
    case tooSlow = "too_slow"
    /// Nothing here reads this kind.
    case unsupported
    /// Too many at once: the same document can be read later.
    case busy
}
