import Studio

/// Reads what was uploaded as text.
enum DocumentText {
    /// Of UTF-8: far more than an analyzer takes, so that its own limit is the one that is told.
    static let maxBytes = 1 << 20

    /// - Throws: `ErrorResponse` 415 for what is neither text nor a kind that can be read here, 422 for what is damaged.
    static func read(_ bytes: [UInt8], with converter: (any DocumentConverter)?) async throws -> String {
        guard let kind = DocumentKind.sniff(bytes) else { return try self.plain(bytes) }
        guard let converter else { throw ErrorResponse.cannotRead(kind) }
        let text: String
        do throws(DocumentFault) {
            text = try await converter.text(of: bytes, kind, maxBytes: self.maxBytes)
        } catch {
            throw error.response(kind)
        }
        guard !text.isBlank else {
            throw ErrorResponse.invalidDocument("is a \(kind.rawValue) without text; pictures of pages are not read")
        }
        return text
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

extension ErrorResponse {
    static func invalidDocument(_ message: String) -> ErrorResponse {
        .invalid([.init(field: "scenario_document", message: message)])
    }

    static func cannotRead(_ kind: DocumentKind) -> ErrorResponse {
        ErrorResponse(
            415, "unsupported_document",
            "documents of kind \(kind.rawValue) cannot be read here; send text, Markdown, PDF or DOCX")
    }
}

extension DocumentFault {
    fileprivate func response(_ kind: DocumentKind) -> ErrorResponse {
        switch self {
        case .encrypted: .invalidDocument("is a \(kind.rawValue) that opens with a password alone; save it without")
        case .damaged: .invalidDocument("is a \(kind.rawValue) that is damaged or cut off")
        case .tooLong: .invalidDocument("is a \(kind.rawValue) with more in it than can be read")
        case .tooSlow: .invalidDocument("is a \(kind.rawValue) that takes too long to read")
        case .unsupported: .cannotRead(kind)
        case .busy: .unavailable("too many documents at once; try again in a moment")
        }
    }
}
