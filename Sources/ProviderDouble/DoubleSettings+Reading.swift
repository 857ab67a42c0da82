import JSON

extension DoubleSettings {
    /// Takes `{"status": "spec", "get": "flat", "delay": 5, "persona_lag": 2, "replica_lag": 3, "document_lag": 4}` over what
    /// there is; lags hold for what is made from then on.
    public mutating func obey(_ order: JSONValue) throws(ProviderDoubleError) {
        guard let members = order.object else { throw ProviderDoubleError("settings", "settings are an object") }
        var changed = self
        for key in members.keys.sorted() {
            guard let value = members[key], changed.set(key, value) else {
                throw ProviderDoubleError("settings", "\(key): \(members[key]?.text ?? "") will not do")
            }
        }
        self = changed
    }

    /// False where there is no such setting, or none with that value.
    private mutating func set(_ key: String, _ value: JSONValue) -> Bool {
        switch key {
        case "status": return Self.take(value.string.flatMap { StatusMode(rawValue: $0) }, &self.statusMode)
        case "get": return Self.take(value.string.flatMap { Shape(rawValue: $0) }, &self.shape)
        case "delay": return Self.take(Self.seconds(value).map { .seconds($0) }, &self.delay)
        case "persona_lag": return Self.take(Self.seconds(value), &self.personaLag)
        case "replica_lag": return Self.take(Self.seconds(value), &self.replicaLag)
        case "document_lag": return Self.take(Self.seconds(value), &self.documentLag)
        default: return false
        }
    }

    private static func take<Value>(_ value: Value?, _ place: inout Value) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private static func seconds(_ value: JSONValue) -> Double? {
        value.double.flatMap { (0...1e6).contains($0) ? $0 : nil }
    }

    /// Without the key.
    var json: JSONValue {
        [
            "status": .string(self.statusMode.rawValue), "get": .string(self.shape.rawValue),
            "delay": .number(self.delay / .seconds(1)), "persona_lag": .number(self.personaLag),
            "replica_lag": .number(self.replicaLag), "document_lag": .number(self.documentLag),
            "checks_key": .bool(self.key != nil),
        ]
    }
}
