import Foundation
import JSON

/// The fields of a form, however it was sent: `multipart/form-data` (RFC 7578), urlencoded, or as a JSON object.
struct FormReader: Sendable, Equatable {
    private static let maxFields = 32
    private static let maxHeadBytes = 4_096
    private var fields: [String: [UInt8]] = [:]

    /// The bytes of a field; the first of its name counts.
    subscript(name: String) -> [UInt8]? { self.fields[name] }

    /// A field as text; nil where it is absent or no UTF-8.
    func text(_ name: String) -> String? {
        self.fields[name].flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// - Throws: `ErrorResponse` 415 for any other type, 400 for a body that is not of its type.
    static func read(_ request: RouteRequest) throws -> FormReader {
        let header = request.head.headers["content-type"] ?? "application/json"
        let type = header.split(separator: ";").first.map { $0.lowercased() } ?? ""
        var form = FormReader()
        switch type.trimmingCharacters(in: .whitespaces) {
        case "multipart/form-data":
            guard let boundary = self.boundary(header) else { throw self.malformed("it has no boundary") }
            try form.readParts(request.body[...], boundary)
        case "application/x-www-form-urlencoded": form.readPairs(request.body)
        case "application/json":
            for (name, value) in try request.object() { value.string.map { form.add(name, Array($0.utf8)) } }
        default:
            throw ErrorResponse(
                415, "unsupported_media_type", "the body must be multipart/form-data, urlencoded or JSON")
        }
        return form
    }

    private static func malformed(_ why: String) -> ErrorResponse {
        .badRequest("the body is no multipart/form-data: \(why)", code: "bad_form")
    }

    private mutating func add(_ name: String, _ value: [UInt8]) {
        guard self.fields[name] == nil, self.fields.count < Self.maxFields else { return }
        self.fields[name] = value
    }

    // MARK: multipart/form-data

    /// 1 to 70 characters, with or without quotes (RFC 2046 section 5.1.1).
    private static func boundary(_ header: String) -> [UInt8]? {
        guard let range = header.range(of: "boundary=", options: .caseInsensitive) else { return nil }
        let rest = header[range.upperBound...]
        let value = rest.hasPrefix("\"") ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != ";" }
        let bytes = Array(value.trimmingCharacters(in: .whitespaces).utf8)
        return (1...70).contains(bytes.count) ? bytes : nil
    }

    private mutating func readParts(_ body: ArraySlice<UInt8>, _ boundary: [UInt8]) throws {
        let line = Array("--".utf8) + boundary
        guard var start = body.firstRange(of: line)?.upperBound else { throw Self.malformed("its boundary is missing") }
        for _ in 0..<Self.maxFields {
            let rest = body[start...]
            if rest.starts(with: Array("--".utf8)) { return }
            let next = Array("\r\n".utf8) + line
            guard rest.starts(with: [0x0D, 0x0A]), let end = rest.firstRange(of: next) else {
                throw Self.malformed("a part does not end")
            }
            try self.readPart(body[(start + 2)..<end.lowerBound])
            start = end.upperBound
        }
        throw Self.malformed("it has more than \(Self.maxFields) parts")
    }

    private mutating func readPart(_ part: ArraySlice<UInt8>) throws {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = part.firstRange(of: blank), end.lowerBound - part.startIndex <= Self.maxHeadBytes,
            let head = String(validating: part[..<end.lowerBound], as: UTF8.self)
        else { throw Self.malformed("a part has no head") }
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-disposition:") }
        guard let line, let name = Self.name(in: line) else { throw Self.malformed("a part has no name") }
        self.add(name, Array(part[end.upperBound...]))
    }

    /// May be empty: the name of a field that nobody asks for.
    private static func name(in line: Substring) -> String? {
        for parameter in line.split(separator: ";").dropFirst() {
            let trimmed = parameter.trimmingCharacters(in: .whitespaces)
            guard trimmed.lowercased().hasPrefix("name=") else { continue }
            let value = trimmed.dropFirst(5).filter { $0 != "\"" }
            return value
        }
        return nil
    }

    // MARK: urlencoded

    private mutating func readPairs(_ body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.decode(sides[0])
            self.add(String(decoding: name, as: UTF8.self), sides.count == 2 ? Self.decode(sides[1]) : [])
        }
    }

    /// A `%` that is followed by no two digits stands for itself.
    private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                if digits.utf8.count == 2, digits.first?.isHexDigit == true, let value = UInt8(digits, radix: 16) {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
