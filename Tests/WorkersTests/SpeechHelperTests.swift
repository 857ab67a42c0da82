import Foundation
import Observability
import Testing

@testable import Workers

/// With the real helper, which lies beside the test program.
@Suite struct SpeechHelperTests {
    private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "vaani-speech").path

    private let pool = WorkerPool(
        .init(executable: Self.executable, size: 1), name: "speech", log: .disabled, metrics: MetricsRegistry())

    private func speak(_ request: String) async throws -> [UInt8] {
        try await self.pool.call(Array(request.utf8)).reduce(into: []) { $0 += $1 }
    }

    private func seconds(_ audio: [UInt8]) -> Double { Double(audio.count) / 44_100 }

    @Test(arguments: [
        #"{"text":"Good evening, tell me when you were born.","voice":"en-us+f3"}"#,
        #"{"text":"नमस्ते, आपका जन्म कब हुआ था?","voice":"hi+f2","rate":150,"pitch":60,"range":70}"#,
    ]) func `a sentence becomes seconds of sound`(request: String) async throws {
        let audio = try await self.speak(request)
        #expect((1.0...6.0).contains(self.seconds(audio)))
        let loudest = audio.withUnsafeBytes { $0.bindMemory(to: Int16.self).map { abs(Int($0)) }.max() ?? 0 }
        #expect(loudest > 3_000)
        await self.pool.shutdown()
    }

    @Test func `the first chunk is short, so that speech starts at once`() async throws {
        var chunks: [Int] = []
        for try await chunk in self.pool.call(Array(#"{"text":"one two three four five six seven"}"#.utf8)) {
            chunks.append(chunk.count)
        }
        #expect(try #require(chunks.first) <= 44_100 / 20)
        #expect(try #require(chunks.max()) <= 44_100 / 4)
        await self.pool.shutdown()
    }

    @Test func `a cancelled sentence leaves the helper ready for the next`() async throws {
        let long = String(repeating: "and so on and on ", count: 400)
        for try await _ in self.pool.call(Array("{\"text\":\"\(long)\"}".utf8)) { break }
        #expect(try await self.speak(#"{"text":"done"}"#).count > 4_000)
        await self.pool.shutdown()
    }

    @Test func `markup and commands are read, not obeyed`() async throws {
        let plain = try await self.speak(#"{"text":"hello  there"}"#)
        // Control-A followed by "450S" would be a change of rate.
        #expect(try await self.speak(#"{"text":"hello \u0001450S there"}"#).count > plain.count)
        #expect(try await self.speak(#"{"text":"<break time='20s'/>hello there"}"#).count < 20 * 44_100)
        #expect(try await self.speak(#"{"text":"hello \u0000 there"}"#).count > plain.count * 3 / 4)
        await self.pool.shutdown()
    }

    @Test(arguments: [
        #"{"voice":"hi"}"#, #"{"text":"x","voice":"../../etc/passwd"}"#, #"{"text":"x","voice":"zz-nobody"}"#, "[]", "",
    ]) func `a wrong request is refused and the helper lives`(request: String) async throws {
        await #expect { _ = try await self.speak(request) } throws: { ($0 as? WorkerError)?.code == .failed }
        #expect(try await self.speak(#"{"text":"still here"}"#).count > 4_000)
        await self.pool.shutdown()
    }

    @Test func `a text beyond the limit is refused`() async throws {
        let text = String(repeating: "a", count: 8_001)
        await #expect { _ = try await self.speak("{\"text\":\"\(text)\"}") } throws: {
            ($0 as? WorkerError)?.message == "text of 8001 characters exceeds 8000"
        }
        await self.pool.shutdown()
    }
}
