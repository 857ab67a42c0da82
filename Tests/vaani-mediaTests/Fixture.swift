import Foundation
import JSON
import Testing

/// One recording of `audio-fixtures`, as its manifest describes it.
struct Fixture: CustomTestStringConvertible {
    let name: String
    /// The container.
    let format: String
    let codec: String
    let sampleRate: Int
    let channels: Int
    let seconds: Double
    let content: [UInt8]

    var testDescription: String { self.name }
    var isTone: Bool { self.name.hasPrefix("tone-440") }

    /// ADTS, and MP4 in fragments, have no place for how much of the first and last AAC frame (23 ms) is padding.
    var saysItsPadding: Bool { self.format != "adts" && !self.name.contains("fragmented") }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../audio-fixtures").standardized

    static func named(_ name: String) throws -> Fixture {
        try #require(Self.all().first { $0.name == name })
    }

    static func hostile(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: Self.folder.appending(path: "hostile/\(name)")))
    }

    /// Those that the helper is there for.
    static func forHelper() throws -> [Fixture] {
        try Self.all().filter { ["aac", "mp3"].contains($0.codec) }
    }

    private static func all() throws -> [Fixture] {
        let manifest = try JSONValue(parsing: Array(Data(contentsOf: Self.folder.appending(path: "MANIFEST.json"))))
        return try (manifest["files"]?.array ?? []).filter { $0["hostile"] == nil }.map { try Fixture($0) }
    }

    private init(_ entry: JSONValue) throws {
        self.name = try #require(entry["path"]?.string)
        self.format = try #require(entry["format"]?.string)
        self.codec = try #require(entry["codec"]?.string)
        self.sampleRate = try #require(entry["sample_rate"]?.integer)
        self.channels = try #require(entry["channels"]?.integer)
        self.seconds = try #require(entry["duration_ms"]?.double) / 1_000
        self.content = try Array(Data(contentsOf: Self.folder.appending(path: self.name)))
    }
}
