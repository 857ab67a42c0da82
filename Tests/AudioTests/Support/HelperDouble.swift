import Audio
import Synchronization

/// Stands for the helper process: records what it is asked, and answers what it is told.
final class HelperDouble: ContainerDecoder {
    private let answer: Result<PCMBuffer, AudioError>
    private let calls = Mutex<[ContainerFormat]>([])

    init(_ answer: Result<PCMBuffer, AudioError> = .failure(AudioError(.badAudio, "no answer"))) {
        self.answer = answer
    }

    var formats: [ContainerFormat] { self.calls.withLock { $0 } }

    func decode(_ bytes: [UInt8], format: ContainerFormat, limits: AudioLimits) async throws(AudioError) -> PCMBuffer {
        self.calls.withLock { $0.append(format) }
        return try self.answer.get()
    }
}

/// Decodes with nobody to ask for AAC.
func decode(
    _ bytes: [UInt8], hint: AudioHint = AudioHint(), limits: AudioLimits = AudioLimits(),
    helper: HelperDouble = HelperDouble()
) async throws(AudioError) -> [Int16] {
    try await UtteranceDecoder(containers: helper, limits: limits).decode(bytes, hint: hint)
}

/// The error that decoding gives; nil when it gives none.
func refusal(
    of bytes: [UInt8], hint: AudioHint = AudioHint(), limits: AudioLimits = AudioLimits(),
    helper: HelperDouble = HelperDouble()
) async -> AudioError? {
    do throws(AudioError) {
        _ = try await decode(bytes, hint: hint, limits: limits, helper: helper)
        return nil
    } catch { return error }
}
