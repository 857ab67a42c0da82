import Foundation
import JSON
import Observability
import Testing
import Workers

/// The real helper, which lies beside the test program, in a pool of one.
private struct DocumentHelper {
    let pool = WorkerPool(
        .init(
            executable: URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .appending(path: "vaani-document").path, size: 1),
        name: "document", log: .disabled, metrics: MetricsRegistry())

    /// Runs `body` with a helper, which it neither kills nor leaves behind.
    static func use(_ body: (DocumentHelper) async throws -> Void) async throws {
        let helper = DocumentHelper()
        let plain = PDF.saying("Role: Nurse")
        #expect(await helper.read(plain, "PDF") == "Role: Nurse\n\n")
        let before = helper.pool.processIDs
        try await body(helper)
        #expect(await helper.read(plain, "PDF") == "Role: Nurse\n\n")
        #expect(helper.pool.processIDs == before)
        await helper.pool.shutdown()
    }

    /// The text of a file, or the code of the refusal.
    func read(_ file: [UInt8], _ kind: String, maxTextBytes: Int = 1 << 20) async -> String {
        let head: JSONValue = ["kind": .string(kind), "max_text_bytes": .integer(maxTextBytes)]
        var text: [UInt8] = []
        do {
            for try await chunk in self.pool.call(head.encoded + [0x0A] + file) { text += chunk }
            return String(decoding: text, as: UTF8.self)
        } catch {
            let error = error as? WorkerError
            return error?.code == .failed ? String(error?.message.prefix { $0 != ":" } ?? "") : "\(error as Any)"
        }
    }
}

private enum PDF {
    /// A page with one line; a reader has to find the objects by itself, because there is no table of them.
    static func saying(_ line: String, pages: String = "/Kids[3 0 R]/Count 1") -> [UInt8] {
        let content = "BT /F 12 Tf 9 90 Td (\(line)) Tj ET"
        return Array(
            """
            %PDF-1.4
            1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
            2 0 obj<</Type/Pages\(pages)>>endobj
            3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
            4 0 obj<</Length \(content.utf8.count)>>stream
            \(content)
            endstream endobj
            5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
            trailer<</Root 1 0 R>>
            """.utf8)
    }
}

/// The same numbers in every run, so that a failure can be repeated.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64 = 7

    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ self.state >> 33
    }
}

@Suite struct DocumentHelperTests {
    @Test func `a file that is none costs nothing but an answer`() async throws {
        try await DocumentHelper.use { helper in
            for kind in ["PDF", "DOCX"] {
                for file in ["", "a", "%PDF-1.7", "PK\u{3}\u{4}", String(repeating: "PK\u{5}\u{6}", count: 99)] {
                    #expect(await helper.read(Array(file.utf8), kind) == "damaged", "\(kind) \(file)")
                }
            }
            #expect(await helper.read([], "RTF") == "unsupported")
        }
    }

    @Test func `a PDF that is cut off anywhere is damaged or says what it still holds`() async throws {
        let whole = PDF.saying("Role: Nurse")
        try await DocumentHelper.use { helper in
            for length in stride(from: 0, to: whole.count, by: 13) {
                let text = await helper.read(Array(whole.prefix(length)), "PDF")
                #expect(["damaged", "", "\n", "Role: Nurse\n\n"].contains(text), "\(length): \(text)")
            }
        }
    }

    @Test func `a page tree that holds itself, or a billion pages, comes to an end`() async throws {
        try await DocumentHelper.use { helper in
            for pages in ["/Kids[2 0 R 3 0 R]/Count 2", "/Kids[3 0 R]/Count 1000000000", "/Kids[]/Count -1"] {
                let text = await helper.read(PDF.saying("x", pages: pages), "PDF")
                #expect(!text.contains("Optional"), "\(pages): \(text)")
            }
        }
    }

    @Test func `text has an end`() async throws {
        try await DocumentHelper.use { helper in
            #expect(await helper.read(PDF.saying("Role: Nurse"), "PDF", maxTextBytes: 5) == "too_long")
        }
    }

    @Test func `every byte of a PDF may be another one`() async throws {
        let whole = PDF.saying("Role: Nurse")
        var dice = Dice()
        try await DocumentHelper.use { helper in
            for _ in 0..<60 {
                var file = whole
                for _ in 0..<4 { file[Int.random(in: 5..<file.count, using: &dice)] = .random(in: 0...255) }
                let text = await helper.read(file, "PDF")
                #expect(!text.contains("Optional"), "\(text) of \(file)")
            }
        }
    }
}
