import Testing

@testable import Audio

@Suite struct EBMLTests {
    @Test(
        arguments: [
            ([0xA3, 0x85], EBMLHeader(id: 0xA3, size: 5, length: 2)),
            ([0x42, 0x82, 0x40, 0x80], EBMLHeader(id: 0x4282, size: 128, length: 4)),
            ([0xEC, 0x10, 0x01, 0x02, 0x03], EBMLHeader(id: 0xEC, size: 66_051, length: 5)),
            ([0x1F, 0x43, 0xB6, 0x75, 0xFF], EBMLHeader(id: 0x1F43_B675, size: nil, length: 5)),
            ([0x18, 0x53, 0x80, 0x67] + WebMBuilder.unknownSize, EBMLHeader(id: 0x1853_8067, size: nil, length: 12)),
            ([0xEC, 0x01, 0, 0, 0, 0, 0, 0, 0], EBMLHeader(id: 0xEC, size: 0, length: 9)),
        ] as [([UInt8], EBMLHeader)])
    func `a header is read once it is complete, and not before`(bytes: [UInt8], header: EBMLHeader) throws {
        #expect(try EBMLHeader.read(bytes[...]) == header)
        #expect(try EBMLHeader.read((bytes + [1, 2, 3])[...]) == header)
        for length in bytes.indices { #expect(try EBMLHeader.read(bytes.prefix(length)) == nil) }
    }

    @Test func `numbers are sign-extended from their own width`() throws {
        #expect(try EBMLReader.signed([0xFF]) == -1)
        #expect(try EBMLReader.signed([0x7F, 0xFF]) == 32_767)
        #expect(try EBMLReader.signed([]) == 0)
        #expect(try EBMLReader.unsigned([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == .max)
    }

    @Test func `what no header begins with, and numbers too wide, are refused`() {
        #expect(throws: AudioError.self) { try EBMLHeader.read([0x08, 0x80]) }
        #expect(throws: AudioError.self) { try EBMLHeader.read([0xA3, 0x00]) }
        #expect(throws: AudioError.self) { try EBMLReader.unsigned([UInt8](repeating: 0, count: 9)[...]) }
    }

    @Test func `a child may not reach past its parent`() throws {
        var reader = EBMLReader([0xD7, 0x81, 1, 0x83, 0x82, 2])
        #expect(try reader.next()?.id == 0xD7)
        #expect(throws: AudioError.self) { try reader.next() }
    }
}
