/// A form with files, as browsers send it (RFC 7578).
public struct MultipartForm: Sendable, Equatable {
    private struct Part: Sendable, Equatable {
        let name: String
        let file: (name: String, type: String)?
        let content: [UInt8]

        static func == (left: Self, right: Self) -> Bool {
            left.name == right.name && left.content == right.content && left.file?.name == right.file?.name
                && left.file?.type == right.file?.type
        }
    }

    /// Stands between the parts: no content may hold it, and 128 random bits see to that.
    public let boundary: String
    private var parts: [Part] = []

    public init() {
        let bits = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }
        self.init(boundary: "vaani-" + bits.joined(separator: "-"))
    }

    init(boundary: String) {
        self.boundary = boundary
    }

    /// Adds a value.
    public mutating func add(_ name: String, _ value: String) {
        self.parts.append(Part(name: name, file: nil, content: Array(value.utf8)))
    }

    /// Adds a file.
    ///
    /// - Parameter type: its media type, such as `audio/wav`.
    public mutating func add(_ name: String, file: String, type: String, content: [UInt8]) {
        self.parts.append(Part(name: name, file: (file, type), content: content))
    }

    public var contentType: String { "multipart/form-data; boundary=\(self.boundary)" }

    /// All parts with the lines between them.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.parts.reduce(64) { $0 + $1.content.count + 256 })
        for part in self.parts {
            bytes += "--\(self.boundary)\r\nContent-Disposition: form-data; name=\"\(Self.quoted(part.name))\"".utf8
            if let file = part.file {
                let type = file.type.unicodeScalars.filter { $0.isASCII && $0.value >= 0x20 }
                bytes +=
                    "; filename=\"\(Self.quoted(file.name))\"\r\nContent-Type: \(String(String.UnicodeScalarView(type)))"
                    .utf8
            }
            bytes += "\r\n\r\n".utf8
            bytes += part.content
            bytes += "\r\n".utf8
        }
        bytes += "--\(self.boundary)--\r\n".utf8
        return bytes
    }

    /// As the HTML standard has it, so that no name ends its line or its quotation marks.
    private static func quoted(_ name: String) -> String {
        var quoted = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": quoted += "%22"
            case "\r": quoted += "%0D"
            case "\n": quoted += "%0A"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted
    }
}
