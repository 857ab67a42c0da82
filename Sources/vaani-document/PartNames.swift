/// Where the main part of a package is: its relationships say so (ECMA-376 part 2, clause 8.3).
struct PartNames: XMLVisitor {
    private(set) var main: String?

    mutating func opened(_ name: String, _ attributes: [String]) {
        guard name.hasSuffix("\nRelationship") else { return }
        let pairs = stride(from: 0, to: attributes.count - 1, by: 2).map { (attributes[$0], attributes[$0 + 1]) }
        let values = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        guard values["Type"]?.hasSuffix("/officeDocument") == true, let target = values["Target"] else { return }
        self.main = self.main ?? (target.hasPrefix("/") ? String(target.dropFirst()) : target)
    }

    mutating func closed(_ name: String) {}
    mutating func found(_ characters: UnsafeRawBufferPointer) {}
}
