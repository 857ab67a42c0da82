/// Turns a document that is no text into text.
public protocol DocumentConverter: Sendable {
    /// The text of a document; nil where this kind cannot be read here.
    ///
    /// - Throws: where it is damaged, or takes too long.
    func text(of bytes: [UInt8], _ kind: DocumentKind) async throws -> String?
}

public enum DocumentKind: String, Sendable, CaseIterable {
    case pdf = "PDF"
    case docx = "DOCX"

    /// By the first bytes; a file's name says nothing that can be relied on.
    static func sniff(_ bytes: [UInt8]) -> DocumentKind? {
        if bytes.starts(with: Array("%PDF-".utf8)) { return .pdf }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .docx }
        return nil
    }
}

/// Reads what was uploaded as text.
enum DocumentText {
    /// - Throws: `ErrorResponse` 415 for what is neither text nor a kind that can be read here, 422 for what is damaged.
    static func read(_ bytes: [UInt8], with converter: (any DocumentConverter)?) async throws -> String {
        guard let kind = DocumentKind.sniff(bytes) else { return try self.plain(bytes) }
        do {
            if let text = try await converter?.text(of: bytes, kind) { return text }
        } catch {
            throw ErrorResponse.invalid([
                .init(field: "scenario_document", message: "is a \(kind.rawValue) that cannot be read")
            ])
        }
        throw ErrorResponse(
            415, "unsupported_document", "documents of kind \(kind.rawValue) cannot be read here; send text or Markdown"
        )
    }

    private static func plain(_ bytes: [UInt8]) throws -> String {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let bytes = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw ErrorResponse(415, "unsupported_document", "the document is no text in UTF-8")
        }
        return text.replacing("\r\n", with: "\n")
    }
}
