/// Why a patch does nothing.
public enum PatchFault: Error, Equatable {
    /// No patch at all.
    case malformed(String)
    /// A patch for another document: a path that is not there, a test that fails.
    case inapplicable(String)
}

/// Changes a document as RFC 6902 says: all of it or nothing.
public enum JSONPatch {
    /// How much a patch from outside may ask for.
    public struct Limits: Sendable {
        /// Operations of one patch.
        public var count = Int.max
        /// Names in one path.
        public var depth = Int.max
        /// Whether values may be taken from one place of the document to another: with them a short patch makes a
        /// document of any size.
        public var allowsCopies = true

        public init() {}

        /// For patches of clients.
        public static let careful: Limits = {
            var limits = Limits()
            limits.count = 100
            limits.depth = 16
            limits.allowsCopies = false
            return limits
        }()
    }

    /// - Throws: where any of it cannot be done.
    public static func apply(
        _ patch: JSONValue, to document: JSONValue, _ limits: Limits = Limits()
    ) throws(PatchFault) -> JSONValue {
        guard let operations = patch.array else { throw .malformed("a patch is a list of operations") }
        guard operations.count <= limits.count else {
            throw .malformed("a patch has \(limits.count) operations at most")
        }
        var document = document
        for operation in operations {
            try self.check(operation, limits)
            document = try self.apply(one: operation, to: document)
        }
        return document
    }

    private static func check(_ operation: JSONValue, _ limits: Limits) throws(PatchFault) {
        guard try self.pointer(operation, "path").count <= limits.depth else {
            throw .malformed("a path has \(limits.depth) names at most")
        }
        let isCopy = ["copy", "move"].contains(operation["op"]?.string)
        guard limits.allowsCopies || !isCopy else { throw .malformed("op is add, remove, replace or test") }
    }

    private static func apply(one operation: JSONValue, to document: JSONValue) throws(PatchFault) -> JSONValue {
        let path = try self.pointer(operation, "path")
        switch operation["op"]?.string {
        case "add": return try self.put(try self.value(operation), at: path, in: document, .add)
        case "replace": return try self.put(try self.value(operation), at: path, in: document, .replace)
        case "remove": return try self.put(nil, at: path, in: document, .replace)
        case "test":
            guard try self.find(path[...], in: document) == self.value(operation) else {
                throw .inapplicable("the test of /\(path.joined(separator: "/")) fails")
            }
            return document
        case "copy":
            let value = try self.find(try self.pointer(operation, "from")[...], in: document)
            return try self.put(value, at: path, in: document, .add)
        case "move": return try self.move(operation, to: path, in: document)
        default: throw .malformed("op is add, remove, replace, move, copy or test")
        }
    }

    private static func move(
        _ operation: JSONValue, to path: [String], in document: JSONValue
    ) throws(PatchFault) -> JSONValue {
        let from = try self.pointer(operation, "from")
        // RFC 6902, 4.4: nothing moves into its own child.
        guard !path.starts(with: from) || path == from else { throw .inapplicable("a value moves into itself") }
        let value = try self.find(from[...], in: document)
        return try self.put(value, at: path, in: try self.put(nil, at: from, in: document, .replace), .add)
    }

    /// RFC 6901: `/a/b`, `~1` for a slash, `~0` for a tilde.
    private static func pointer(_ operation: JSONValue, _ key: String) throws(PatchFault) -> [String] {
        guard let text = operation[key]?.string, text.isEmpty || text.hasPrefix("/") else {
            throw .malformed("\(key) is a pointer such as /persona_name")
        }
        return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private static func value(_ operation: JSONValue) throws(PatchFault) -> JSONValue {
        guard let value = operation["value"] else { throw .malformed("value is missing") }
        return value
    }

    private static func find(_ path: ArraySlice<String>, in document: JSONValue) throws(PatchFault) -> JSONValue {
        guard let key = path.first else { return document }
        let inner = document[key] ?? self.index(key, below: document.array?.count ?? 0).flatMap { document.array?[$0] }
        guard let inner else { throw .inapplicable("there is no \(key)") }
        return try self.find(path.dropFirst(), in: inner)
    }

    private enum Manner { case add, replace }

    /// - Parameter value: nil takes away what is there.
    private static func put(
        _ value: JSONValue?, at path: [String], in document: JSONValue, _ manner: Manner
    ) throws(PatchFault) -> JSONValue {
        guard let key = path.first else { return value ?? .null }
        let rest = Array(path.dropFirst())
        if var members = document.object {
            guard rest.isEmpty else {
                members[key] = try self.put(value, at: rest, in: try self.find([key], in: document), manner)
                return .object(members)
            }
            if manner == .replace { _ = try self.find([key], in: document) }
            members[key] = value
            return .object(members)
        }
        guard var values = document.array else { throw .inapplicable("there is no \(key)") }
        if manner == .add, rest.isEmpty, let value {
            guard let index = key == "-" ? values.count : self.index(key, below: values.count + 1) else {
                throw .inapplicable("there is no place \(key)")
            }
            values.insert(value, at: index)
            return .array(values)
        }
        guard let index = self.index(key, below: values.count) else { throw .inapplicable("there is no \(key)") }
        if rest.isEmpty, value == nil {
            values.remove(at: index)
        } else {
            values[index] = rest.isEmpty ? value ?? .null : try self.put(value, at: rest, in: values[index], manner)
        }
        return .array(values)
    }

    private static func index(_ key: String, below count: Int) -> Int? {
        guard let index = Int(key), String(index) == key, (0..<count).contains(index) else { return nil }
        return index
    }
}
