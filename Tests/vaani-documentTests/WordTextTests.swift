import Testing

@testable import vaani_document

@Suite struct WordTextTests {
    private static let namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

    /// The text of a body, fed to the reader in pieces of so many bytes.
    private func text(of body: String, pieces: Int = 7, namespace: String = Self.namespace) throws -> String {
        let document = """
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <w:document xmlns:w="\(namespace)" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
            <w:body>\(body)</w:body></w:document>
            """
        return try self.text(ofPart: document, pieces: pieces)
    }

    private func text(ofPart part: String, pieces: Int = 7) throws -> String {
        let reader = try XMLReader(WordText(into: TextOutput(limit: 1_000)))
        var rest = Array(part.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(pieces)).withUnsafeBytes { bytes in try reader.read(bytes) }
            rest = rest.dropFirst(pieces)
        }
        try reader.read(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        let visitor = try #require(reader.visitor as? WordText)
        return String(decoding: visitor.output.waiting, as: UTF8.self)
    }

    @Test(arguments: [1, 2, 7, 100_000]) func `paragraphs are lines, and runs join`(pieces: Int) throws {
        let body = "<w:p><w:r><w:t>Role: </w:t></w:r><w:r><w:t>डॉक्टर &amp; friend</w:t></w:r></w:p>\n<w:p/>"
        #expect(try self.text(of: body, pieces: pieces) == "Role: डॉक्टर & friend\n\n")
    }

    @Test func `tabs and breaks stay, and white space between elements is no text`() throws {
        let body = "<w:p>\n  <w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/></w:r>\n</w:p>"
        #expect(try self.text(of: body) == "a\tb\nc-\n")
    }

    @Test func `the cells of a row stand beside each other`() throws {
        let cell = { (text: String) in "<w:tc><w:p><w:r><w:t>\(text)</w:t></w:r></w:p></w:tc>" }
        let body = "<w:tbl><w:tr>\(cell("Role"))\(cell("Nurse"))</w:tr></w:tbl><w:p><w:r><w:t>x</w:t></w:r></w:p>"
        #expect(try self.text(of: body) == "Role \tNurse \t\nx\n")
    }

    @Test func `a heading is one in Markdown`() throws {
        let body = #"<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Visit</w:t></w:r></w:p>"#
        #expect(try self.text(of: body) == "# Visit\n")
        let plain = #"<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr><w:r><w:t>Visit</w:t></w:r></w:p>"#
        #expect(try self.text(of: plain) == "Visit\n")
    }

    @Test func `what was deleted, moved away or is there twice is left out`() throws {
        let run = { (text: String) in "<w:r><w:t>\(text)</w:t></w:r>" }
        let body = """
            <w:p><w:del><w:r><w:delText>gone</w:delText></w:r>\(run("gone"))</w:del><w:moveFrom>\(run("away"))</w:moveFrom>\
            <mc:AlternateContent><mc:Choice Requires="wps">\(run("once"))</mc:Choice>\
            <mc:Fallback>\(run("twice"))</mc:Fallback></mc:AlternateContent>\
            <w:r><w:instrText>PAGE</w:instrText></w:r></w:p>
            """
        #expect(try self.text(of: body) == "once\n")
    }

    @Test func `the strict dialect is read, and another one is no document of Word`() throws {
        let body = "<w:p><w:r><w:t>a</w:t></w:r></w:p>"
        #expect(try self.text(of: body, namespace: "http://purl.oclc.org/ooxml/wordprocessingml/main") == "a\n")
        #expect(throws: ReadFailure.noWord) { try self.text(of: body, namespace: "urn:other") }
        #expect(throws: ReadFailure.noWord) { try self.text(ofPart: "<workbook><t>a</t></workbook>") }
    }

    @Test(arguments: [
        "", "<", "<a>", "<a></b>", "<a/><b/>", "\u{0}", "<a>&lol;</a>", "<a b='1' b='2'/>", "<x:a/>", "<a>\u{1}</a>",
        "<?xml version='1.0' encoding='EBCDIC'?><a/>",
    ])
    func `what is no XML is refused`(_ part: String) {
        #expect(throws: ReadFailure.self) { try self.text(ofPart: part) }
    }

    @Test func `a document that declares a type is refused before anything grows`() {
        let laughs = """
            <!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;">]>
            <w:document xmlns:w="\(Self.namespace)"><w:p><w:r><w:t>&m;</w:t></w:r></w:p></w:document>
            """
        #expect(throws: ReadFailure(.damaged, "the document declares a type of its own")) {
            try self.text(ofPart: laughs)
        }
        let file = #"<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>"#
        #expect(throws: ReadFailure(.damaged, "the document declares a type of its own")) {
            try self.text(ofPart: file)
        }
    }

    @Test func `depth and length have an end`() {
        let deep = String(repeating: "<w:p>", count: 600)
        #expect(throws: ReadFailure(.damaged, "the document nests deeper than 512")) { try self.text(of: deep) }
        let long = "<w:p><w:r><w:t>\(String(repeating: "a", count: 1_001))</w:t></w:r></w:p>"
        #expect(throws: ReadFailure(.tooLong, "the document has more than 1000 bytes of text")) {
            try self.text(of: long)
        }
    }

    @Test func `a package says where its main part is`() throws {
        let part = """
            <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
            <Relationship Id="r1" Type="http://x/metadata/core-properties" Target="docProps/core.xml"/>
            <Relationship Id="r2" Type="http://x/relationships/officeDocument" Target="/word/document2.xml"/>
            </Relationships>
            """
        let reader = try XMLReader(PartNames())
        try Array(part.utf8).withUnsafeBytes { try reader.read($0, isLast: true) }
        #expect((reader.visitor as? PartNames)?.main == "word/document2.xml")
    }
}
