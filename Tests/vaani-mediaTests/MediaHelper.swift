import Foundation
import JSON
import Observability
import Testing
import Workers

/// What the helper makes of a file.
struct Recording: Equatable {
    var sampleRate: Int
    var channels: Int
    /// Interleaved.
    var samples: [Int16]

    var seconds: Double { Double(self.samples.count / self.channels) / Double(self.sampleRate) }

    func channel(_ index: Int) -> [Double] {
        stride(from: index, to: self.samples.count, by: self.channels).map { Double(self.samples[$0]) }
    }
}

/// The real helper, which lies beside the test program, in a pool of one.
struct MediaHelper {
    let pool = WorkerPool(
        .init(
            executable: URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
                .appending(path: "vaani-media").path, size: 1),
        name: "media", log: .disabled, metrics: MetricsRegistry())

    /// Runs `body` with a helper, which it neither kills nor leaves behind.
    static func use(_ body: (MediaHelper) async throws -> Void) async throws {
        let helper = MediaHelper()
        let tone = try Fixture.named("tone-440.mp3")
        _ = try await helper.decode(tone.content, tone.format)
        let before = helper.pool.processIDs
        try await body(helper)
        _ = try await helper.decode(tone.content, tone.format)
        #expect(helper.pool.processIDs == before)
        await helper.pool.shutdown()
    }

    func decode(
        _ file: [UInt8], _ format: String, maxSeconds: Double = 120, maxExpansion: Int = 512
    ) async throws -> Recording {
        let head: JSONValue = [
            "format": .string(format), "max_seconds": .number(maxSeconds), "max_expansion": .integer(maxExpansion),
        ]
        var chunks: [[UInt8]] = []
        for try await chunk in self.pool.call(head.encoded + [UInt8(ascii: "\n")] + file) { chunks.append(chunk) }
        let answer = try JSONValue(parsing: #require(chunks.first))
        #expect(chunks.dropFirst().allSatisfy { $0.count <= 64 << 10 && $0.count % 2 == 0 })
        let bytes = chunks.dropFirst().flatMap { $0 }
        return Recording(
            sampleRate: try #require(answer["sample_rate"]?.integer),
            channels: try #require(answer["channels"]?.integer),
            samples: stride(from: 0, to: bytes.count, by: 2).map { index in
                Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)
            })
    }

    /// What is said of a file that is not decoded; nil of one that is.
    func refusal(
        _ file: [UInt8], _ format: String, maxSeconds: Double = 120, maxExpansion: Int = 512
    ) async throws -> String? {
        do {
            _ = try await self.decode(file, format, maxSeconds: maxSeconds, maxExpansion: maxExpansion)
            return nil
        } catch let error as WorkerError {
            #expect(error.code == .failed, "\(error)")
            let code = error.message.prefix { $0 != ":" }
            #expect(["bad_audio", "unsupported_format", "too_large"].contains(code), "\(error)")
            return error.message
        }
    }
}
