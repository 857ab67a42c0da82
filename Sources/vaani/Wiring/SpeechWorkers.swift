import Audio
import Engine
import JSON
import Workers

/// Speaks with espeak-ng in helper processes, at the 24 kHz of the Realtime API.
struct SpeechWorkers: SpeechSynthesizer {
    /// What espeak-ng makes.
    private static let espeakRate = 22_050

    let pool: WorkerPool

    func synthesize(_ request: SpeechRequest) -> AsyncThrowingStream<[Int16], any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [Int16].self)
        let speaking = Task {
            do {
                try await self.speak(request, into: continuation)
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in speaking.cancel() }
        return stream
    }

    private func speak(
        _ request: SpeechRequest, into continuation: AsyncThrowingStream<[Int16], any Error>.Continuation
    ) async throws {
        var resampler = try StreamResampler(from: Self.espeakRate, to: 24_000)
        var assembler = SampleAssembler()
        for try await chunk in self.pool.call(Self.command(request)) {
            var samples: [Int16] = []
            try resampler.process(assembler.push(chunk), into: &samples)
            if !samples.isEmpty { continuation.yield(samples) }
        }
        var tail: [Int16] = []
        try resampler.finish(into: &tail)
        if !tail.isEmpty { continuation.yield(tail) }
    }

    private static func command(_ request: SpeechRequest) -> [UInt8] {
        let voice = EspeakVoice(voice: request.voice, language: request.language)
        let command: JSONValue = [
            "text": .string(request.text), "voice": .string(voice.name), "pitch": .integer(voice.pitch),
            "rate": .integer(Int(Double(voice.rate) * request.speed)), "range": .integer(voice.range),
        ]
        return command.encoded
    }
}
