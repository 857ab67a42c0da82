/// A document of Word: a ZIP archive of XML.
enum WordDocument {
    private static let maxRelationshipBytes = 1 << 20
    // A megabyte of text is about twenty of XML.
    private static let maxPartBytes = 32 << 20

    static func read(_ file: [UInt8], into text: inout TextOutput, _ emit: ([UInt8]) -> Bool) throws {
        try file.withUnsafeBytes { bytes in
            let archive = try Archive(bytes)
            guard let main = try self.visit("_rels/.rels", of: archive, PartNames(), self.maxRelationshipBytes)?.main,
                let body = try self.visit(main, of: archive, WordText(into: text), self.maxPartBytes)
            else { throw ReadFailure.noWord }
            text = body.output
        }
    }

    /// What a visitor has found in a part; nil where there is no such part.
    private static func visit<Visitor: XMLVisitor>(
        _ part: String, of archive: borrowing Archive, _ visitor: Visitor, _ maxBytes: Int
    ) throws(ReadFailure) -> Visitor? {
        let reader = try XMLReader(visitor)
        let isThere = try archive.read(part, maxBytes: maxBytes) { bytes throws(ReadFailure) in
            try reader.read(bytes)
        }
        guard isThere else { return nil }
        try reader.read(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        return reader.visitor as? Visitor
    }
}
