import Audio
import Foundation
import Testing

/// One recording of `audio-fixtures`, as its manifest describes it.
struct FixtureFile: Decodable, Sendable, CustomTestStringConvertible {
    struct Hint: Decodable, Sendable {
        var format: String
        var sampleRate: Int
        var channels: Int
    }

    var path: String
    var format: String
    var codec: String?
    var durationMs: Int?
    var hint: Hint?
    /// What is wrong with a file that is made to do harm.
    var hostile: String?

    var testDescription: String { self.path }
    /// Files of one clip share the name before the first dot.
    var clip: Substring { self.path.prefix { $0 != "." } }
    var audioHint: AudioHint {
        AudioHint(format: self.hint?.format, sampleRate: self.hint?.sampleRate, channels: self.hint?.channels)
    }

    func bytes() throws -> [UInt8] { try Self.read(self.path) }

    /// All files, in the manifest's order.
    static func all() throws -> [FixtureFile] {
        struct Manifest: Decodable { var files: [FixtureFile] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Manifest.self, from: Data(self.read("MANIFEST.json"))).files
    }

    private static func read(_ path: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../audio-fixtures")
        return Array(try Data(contentsOf: root.appending(path: path)))
    }
}
