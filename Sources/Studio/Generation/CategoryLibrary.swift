import Foundation
import JSON

/// The categories of details: sixteen of the product, and those that an operator adds in files of their own.
public struct CategoryLibrary: Sendable, Equatable {
    /// Of `detail-categories.json`.
    public private(set) var core: [DetailCategory]
    /// Of `detail-categories.d/*.json`, in the order of the files' names.
    public private(set) var extensions: [DetailCategory]
    private let positions: [String: Int]

    /// Of several categories of one name the first counts.
    public init(core: [DetailCategory], extensions: [DetailCategory] = []) {
        self.core = core
        self.extensions = extensions
        self.positions = Dictionary(
            (core + extensions).enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public var all: [DetailCategory] { self.core + self.extensions }

    public subscript(name: String) -> DetailCategory? { self.positions[name].map { self.all[$0] } }
}

/// Why a file of categories cannot be used.
public struct CategoryProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence that names the file and the place in it.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension CategoryLibrary {
    private static let maxFileBytes = 1 << 20
    private static let maxCategories = 64

    /// Reads `detail-categories.json` and the folder `detail-categories.d` beside it.
    ///
    /// - Parameter problems: files of the folder that were left out, and why.
    /// - Throws: where the first file is missing or cannot be used.
    public init(folder: String, problems: inout [CategoryProblem]) throws(CategoryProblem) {
        let core = try Self.read(folder + "/detail-categories.json")
        let added = folder + "/detail-categories.d"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: added)) ?? []).sorted()
        var extensions: [DetailCategory] = []
        for name in names where name.hasSuffix(".json") && !name.hasPrefix(".") {
            do throws(CategoryProblem) {
                extensions += try Self.read("\(added)/\(name)")
            } catch {
                problems.append(error)
            }
        }
        self.init(core: core, extensions: extensions)
    }

    private static func read(_ path: String) throws(CategoryProblem) -> [DetailCategory] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let data = FileManager.default.contents(atPath: path), data.count <= self.maxFileBytes else {
            throw CategoryProblem("\(name) cannot be read, or exceeds \(self.maxFileBytes) bytes")
        }
        guard let items = (try? JSONValue(parsing: [UInt8](data)))?["categories"]?.array else {
            throw CategoryProblem("\(name) holds no array \"categories\"")
        }
        guard (1...self.maxCategories).contains(items.count) else {
            throw CategoryProblem("\(name) has \(items.count) categories, and 1 to \(self.maxCategories) are taken")
        }
        return try items.enumerated().map { index, item throws(CategoryProblem) in
            guard let category = DetailCategory(item) else {
                throw CategoryProblem(
                    "\(name): categories[\(index)] needs name, description, when_relevant and example_fields")
            }
            return category
        }
    }
}

extension DetailCategory {
    /// nil where a part is missing or of the wrong kind.
    init?(_ value: JSONValue) {
        guard let name = value["name"]?.string, name.isFieldName,
            let description = value["description"]?.string, !description.isBlank,
            let relevance = value["when_relevant"]?.string,
            let fields = value["example_fields"]?.array?.compactMap(\.string), (1...40).contains(fields.count),
            fields.allSatisfy(\.isFieldName)
        else { return nil }
        self.init(
            name: name, description: description, exampleFields: fields, whenRelevant: relevance,
            cues: (value["cues"]?.array ?? []).compactMap { $0.string?.lowercased() },
            samples: (value["samples"]?.object ?? [:]).mapValues { ($0.array ?? []).compactMap(\.string) })
    }

    /// As it is shown to clients and models.
    public var json: JSONValue {
        [
            "name": .string(self.name), "description": .string(self.description),
            "example_fields": .array(self.exampleFields.map { .string($0) }),
            "when_relevant": .string(self.whenRelevant),
        ]
    }
}

extension String {
    /// Small letters, digits and `_`, as names of fields are written.
    var isFieldName: Bool {
        (1...64).contains(self.utf8.count)
            && self.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    /// `years_experience` as `years experience`.
    var asWords: String { self.replacingOccurrences(of: "_", with: " ") }
}
