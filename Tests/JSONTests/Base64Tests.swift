import Foundation
import JSON
import Testing

@Suite struct Base64Tests {
    @Test func `text agrees with Foundation at every length around the vector width`() {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ length) }
            let expected = Data(bytes).base64EncodedString()
            #expect(String(decoding: Base64.encode(bytes), as: UTF8.self) == expected)
            #expect(Base64.decode(expected) == bytes)
        }
    }

    @Test func `one wrong character anywhere is refused`() {
        let text = Array(Data((0..<150).map { UInt8($0) }).base64EncodedString().utf8)
        for index in text.indices {
            for wrong in [UInt8(ascii: "-"), UInt8(ascii: "_"), 0x20, 0x0A, 0x00, 0xFF, UInt8(ascii: "\"")] {
                var damaged = text
                damaged[index] = wrong
                #expect(Base64.decode(String(decoding: damaged, as: UTF8.self)) == nil, "\(wrong) at \(index)")
            }
        }
    }

    @Test(arguments: ["A", "AB", "ABC", "A===", "=ABC", "A=BC", "AB=C", "AB==ABCD", "ABCDE"])
    func `a wrong length or misplaced padding is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
