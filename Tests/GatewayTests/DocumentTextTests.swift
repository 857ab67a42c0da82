import Testing

@testable import Gateway

/// Says of every document the same.
private struct ConverterDouble: DocumentConverter {
    let outcome: Result<String, DocumentFault>

    func text(of bytes: [UInt8], _ kind: DocumentKind, maxBytes: Int) async throws(DocumentFault) -> String {
        try self.outcome.get()
    }
}

@Suite struct DocumentTextTests {
    private static let documents: [(String, DocumentKind?)] = [
        ("%PDF-1.7", .pdf), ("PK\u{3}\u{4}", .docx), ("Role: Nurse %PDF-1.7", nil), ("PK", nil), ("", nil),
    ]

    private func status(_ bytes: [UInt8], _ outcome: Result<String, DocumentFault>?) async -> Int {
        do {
            _ = try await DocumentText.read(bytes, with: outcome.map { ConverterDouble(outcome: $0) })
            return 200
        } catch {
            return ErrorResponse(mapping: error).status
        }
    }

    @Test(arguments: Self.documents) func `the first bytes say what a document is`(text: String, kind: DocumentKind?) {
        #expect(DocumentKind.sniff(Array(text.utf8)) == kind)
    }

    @Test func `text is read as it is, without mark and carriage returns`() async throws {
        let text = "\u{FEFF}Role: डॉक्टर\r\nCity: Pune"
        #expect(try await DocumentText.read(Array(text.utf8), with: nil) == "Role: डॉक्टर\nCity: Pune")
        #expect(await self.status([0xFF, 0xFE, 0x41, 0], nil) == 415)
    }

    @Test func `what a converter reads is the text`() async throws {
        let converter = ConverterDouble(outcome: .success("Role: Nurse"))
        #expect(try await DocumentText.read(Array("%PDF-".utf8), with: converter) == "Role: Nurse")
    }

    @Test func `a document without text is told so`() async {
        do {
            _ = try await DocumentText.read(Array("%PDF-".utf8), with: ConverterDouble(outcome: .success("\n \n")))
            Issue.record("it was read")
        } catch {
            let told = ErrorResponse(mapping: error)
            #expect(told.status == 422 && told.message.contains("a PDF without text"))
        }
    }

    @Test(arguments: [
        (DocumentFault.encrypted, 422), (.damaged, 422), (.tooLong, 422), (.tooSlow, 422), (.unsupported, 415),
        (.busy, 503),
    ]) func `every fault has its status`(fault: DocumentFault, status: Int) async {
        #expect(await self.status(Array("PK\u{3}\u{4}".utf8), .failure(fault)) == status)
    }

    @Test func `without a converter a kind that is no text is refused`() async {
        for text in ["%PDF-1.7", "PK\u{3}\u{4}"] { #expect(await self.status(Array(text.utf8), nil) == 415) }
        #expect(await self.status([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], nil) == 415)
    }
}
