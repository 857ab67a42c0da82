import CExpat

/// What happens while a document of XML is read.
protocol XMLVisitor {
    /// - Parameters:
    ///   - name: the namespace, a line feed, and the name in it.
    ///   - attributes: names and values by turns.
    mutating func opened(_ name: String, _ attributes: [String]) throws(ReadFailure)
    mutating func closed(_ name: String) throws(ReadFailure)
    mutating func found(_ characters: UnsafeRawBufferPointer) throws(ReadFailure)
}

/// Reads XML with Expat. A document that declares a type of its own is refused (OPC forbids it, ECMA-376 part 2): there
/// are thus no entities but the five, and none that grow.
final class XMLReader {
    // Word nests tables and boxes a few dozen deep.
    private static let maxDepth = 512

    private(set) var visitor: any XMLVisitor
    private let parser: XML_Parser
    private var depth = 0
    private var failure: ReadFailure?

    init(_ visitor: any XMLVisitor) throws(ReadFailure) {
        self.visitor = visitor
        guard let parser = XML_ParserCreateNS(nil, XML_Char(0x0A)) else {
            throw ReadFailure(.tooLong, "the document needs more memory than it may have")
        }
        self.parser = parser
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetStartDoctypeDeclHandler(parser) { reader, _, _, _, _ in
            XMLReader.at(reader)?.attempt { _ throws(ReadFailure) in
                throw ReadFailure(.damaged, "the document declares a type of its own")
            }
        }
        XML_SetElementHandler(
            parser,
            { reader, name, attributes in XMLReader.at(reader)?.open(name, attributes) },
            { reader, name in XMLReader.at(reader)?.close(name) })
        XML_SetCharacterDataHandler(parser) { reader, characters, count in
            let bytes = UnsafeRawBufferPointer(start: characters, count: Int(count))
            XMLReader.at(reader)?.attempt { visitor throws(ReadFailure) in try visitor.found(bytes) }
        }
    }

    deinit { XML_ParserFree(self.parser) }

    /// - Parameter isLast: with it what was left open is a fault.
    func read(_ bytes: UnsafeRawBufferPointer, isLast: Bool = false) throws(ReadFailure) {
        let characters = bytes.bindMemory(to: CChar.self)
        let status = XML_Parse(self.parser, characters.baseAddress, Int32(characters.count), isLast ? 1 : 0)
        if let failure = self.failure { throw failure }
        guard status == XML_STATUS_OK else { throw ReadFailure(.damaged, "the document is no well-formed XML") }
    }

    private static func at(_ opaque: UnsafeMutableRawPointer?) -> XMLReader? {
        opaque.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func open(_ name: UnsafePointer<XML_Char>?, _ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?) {
        self.depth += 1
        guard let name, self.depth <= Self.maxDepth else {
            return self.attempt { _ throws(ReadFailure) in
                throw ReadFailure(.damaged, "the document nests deeper than \(Self.maxDepth)")
            }
        }
        var attributes: [String] = []
        var next = list
        while let text = next?.pointee {
            attributes.append(String(cString: text))
            next = next?.successor()
        }
        self.attempt { visitor throws(ReadFailure) in try visitor.opened(String(cString: name), attributes) }
    }

    private func close(_ name: UnsafePointer<XML_Char>?) {
        self.depth -= 1
        guard let name else { return }
        self.attempt { visitor throws(ReadFailure) in try visitor.closed(String(cString: name)) }
    }

    /// A failure must not cross Expat: it stops the parser, and is thrown behind it.
    private func attempt(_ action: (inout any XMLVisitor) throws(ReadFailure) -> Void) {
        guard self.failure == nil else { return }
        do throws(ReadFailure) {
            try action(&self.visitor)
        } catch {
            self.failure = error
            XML_StopParser(self.parser, 0)
        }
    }
}
