import JSON

/// What makes one persona of another, as JSON Patch (RFC 6902): everything that is wanted is added, which replaces what is
/// there, and of the rest what is set is removed. What is not ours stays.
struct PersonaPatch: Sendable, Equatable {
    let json: JSONValue

    init(from present: RemoteFields, to body: JSONValue, of profile: ProviderProfile) {
        self.json = .array(
            profile.personaFields.compactMap { field in
                let path = JSONValue.string("/\(field)")
                if let value = body[field] { return ["op": "add", "path": path, "value": value] }
                return present.isSet(field) ? ["op": "remove", "path": path] : nil
            })
    }
}
