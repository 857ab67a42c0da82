import Foundation
import JSON

/// Writes what one session hears and says into a file of its own, as lines of JSON. Confined to the session's loop.
///
/// A write of a line is a copy into the page cache: for the hours in which somebody looks for a fault, not for every day.
final class SessionRecorder {
    private let descriptor: Int32
    private let settings: RecordingSettings
    private let openedAt = ContinuousClock.now
    private var bytes = 0
    private var isFull = false

    /// nil where the file cannot be made.
    init?(_ settings: RecordingSettings, salt: String) {
        let name = "\(Int(Date().timeIntervalSince1970))-\(salt).jsonl"
        // A file that is there already is somebody else's, and a link would lead away.
        self.descriptor = open(
            settings.folder + "/" + name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        self.settings = settings
        guard self.descriptor >= 0 else { return nil }
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    func heard(_ text: UnsafeRawBufferPointer) {
        guard !self.isFull else { return }
        let event = try? JSONValue(parsing: text)
        self.write(event.map { .heard(Redaction.event($0, keepsAudio: self.settings.keepsAudio)) } ?? .heardNonsense)
    }

    func said(_ text: [UInt8]) {
        guard !self.isFull, let event = try? JSONValue(parsing: text) else { return }
        self.write(.said(Redaction.event(event, keepsAudio: self.settings.keepsAudio)))
    }

    /// - Parameter isLast: no more samples of the response will be made.
    func made(_ samples: [Int16], of responseID: String, isLast: Bool) {
        guard !self.isFull else { return }
        let audio = self.settings.keepsAudio ? samples : nil
        self.write(
            .made(RecordedSpeech(responseID: responseID, samples: samples.count, audio: audio, isLast: isLast)))
    }

    func write(_ line: RecordedLine) {
        guard !self.isFull else { return }
        let atMs = Int((.now - self.openedAt) / .milliseconds(1))
        let text = line.json(atMs: atMs).encoded + [UInt8(ascii: "\n")]
        self.isFull = self.bytes + text.count > self.settings.maxBytes
        self.put(self.isFull ? RecordedLine.full.json(atMs: atMs).encoded + [UInt8(ascii: "\n")] : text)
    }

    private func put(_ text: [UInt8]) {
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(self.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                // A full disk ends the recording, not the session.
                self.isFull = true
                return
            }
            self.bytes += count
            rest = rest.dropFirst(count)
        }
    }
}

/// Where sessions are recorded, and how much of them.
public struct RecordingSettings: Sendable, Equatable {
    /// A directory that exists. Each session gets a file that its owner alone can read.
    public var folder: String
    /// Without it, audio is replaced by its length; with it, a replay compares every byte of it.
    public var keepsAudio = false
    /// Of one file; what is beyond it is not recorded.
    public var maxBytes = 64 << 20

    public init(folder: String) {
        self.folder = folder
    }
}
