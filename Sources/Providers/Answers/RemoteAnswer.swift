import JSON

/// The body of a provider's answer, in any of the shapes that they come in.
struct RemoteAnswer: Sendable {
    private let document: JSONValue
    private let redaction: Redaction

    /// - Throws: `malformed`.
    init(_ body: [UInt8], _ redaction: Redaction, isCreation: Bool = false) throws(ProviderError) {
        guard let document = try? JSONValue(parsing: body) else { throw .malformed("no JSON", isCreation) }
        self.document = document
        self.redaction = redaction
    }

    /// One object: flat, or alone in `data`, with or without an array around it.
    var object: RemoteFields? {
        let data = self.document["data"] ?? self.document
        return (data.object ?? data.array?.first?.object).map { RemoteFields($0, self.redaction) }
    }

    /// A part of a list: in `data`, or as it is. What is no object is passed over.
    var list: (items: [RemoteFields], total: Int?)? {
        guard let items = (self.document["data"] ?? self.document).array else { return nil }
        return (
            items.compactMap { $0.object.map { RemoteFields($0, self.redaction) } },
            self.document["total_count"]?.integer
        )
    }
}

extension ProviderError {
    /// - Parameter isCreation: what was to be made may be there.
    static func malformed(_ fault: String, _ isCreation: Bool = false) -> ProviderError {
        ProviderError(
            .malformed, "the provider's answer could not be read", detail: fault,
            disposition: isCreation ? .unknownOutcome : .retry(after: nil))
    }
}
