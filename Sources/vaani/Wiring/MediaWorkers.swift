import Audio
import JSON
import Workers

/// Decodes AAC, MP4 and MP3 in helper processes: a hostile file costs a helper, not a conversation.
struct MediaWorkers: ContainerDecoder {
    let pool: WorkerPool

    func decode(_ bytes: [UInt8], format: ContainerFormat, limits: AudioLimits) async throws(AudioError) -> PCMBuffer {
        do {
            return try await self.collect(self.pool.call(Self.request(bytes, format, limits)))
        } catch let error as WorkerError {
            throw Self.told(error)
        } catch let error as AudioError {
            throw error
        } catch {
            throw AudioError(.badAudio, "the recording was given up")
        }
    }

    /// A line of JSON, then the file as it is.
    private static func request(_ bytes: [UInt8], _ format: ContainerFormat, _ limits: AudioLimits) -> [UInt8] {
        let head: JSONValue = [
            "format": .string(format.rawValue), "max_seconds": .number(limits.maxSeconds + limits.toleranceSeconds),
            "max_expansion": .integer(limits.maxExpansion),
        ]
        return head.encoded + [UInt8(ascii: "\n")] + bytes
    }

    private func collect(_ frames: AsyncThrowingStream<[UInt8], any Error>) async throws -> PCMBuffer {
        var format: JSONValue?
        var assembler = SampleAssembler()
        var samples: [Int16] = []
        for try await frame in frames {
            if format == nil { format = try JSONValue(parsing: frame) } else { samples += assembler.push(frame) }
        }
        guard let rate = format?["sample_rate"]?.integer, let channels = format?["channels"]?.integer else {
            throw AudioError(.badAudio, "the recording holds no audio")
        }
        return PCMBuffer(samples: samples, sampleRate: rate, channels: channels)
    }

    /// The helper says `code: sentence`.
    private static func told(_ error: WorkerError) -> AudioError {
        switch error.code {
        case .failed:
            let parts = error.message.split(separator: ": ", maxSplits: 1)
            let known: [AudioError.Code] = [.badAudio, .unsupportedFormat, .tooLarge]
            guard parts.count == 2, let code = known.first(where: { $0.rawValue == parts[0] }) else {
                return AudioError(.badAudio, "the recording could not be decoded")
            }
            return AudioError(code, String(parts[1]))
        case .crashed, .timeout: return AudioError(.badAudio, "the recording could not be decoded")
        case .tooLarge: return AudioError(.tooLarge, "the recording is too long when it is decoded")
        case .busy: return AudioError(.internalFailure, "too many recordings at once, try again", isRetriable: true)
        case .unavailable, .shutDown:
            return AudioError(.internalFailure, "recordings cannot be decoded now, try again", isRetriable: true)
        }
    }
}
