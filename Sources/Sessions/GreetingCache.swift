import Foundation
import Observability
import Synchronization

/// Greetings that were spoken once and are played from here the next time: the persona is heard as soon as it is chosen.
///
/// A rendering is kept under everything that shaped it (persona revision, voice, text and model), and only if its
/// transcript was the persona's text. Bounded in memory and, where there is a folder, on disk; what was not asked for
/// longest goes first.
public final class GreetingCache: Sendable {
    /// Names one rendering.
    public struct Key: Hashable, Sendable {
        let persona: String
        let model: String

        /// - Parameters:
        ///   - persona: the hash of the compiled persona, which covers its voice and its greeting.
        ///   - model: what spoke it.
        public init(persona: String, model: String) {
            self.persona = persona
            self.model = model
        }

        /// Both parts are hashes or configured names; a path is made of nothing else.
        fileprivate var fileName: String {
            let model = String(self.model.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
            return "\(self.persona)-\(model).pcm"
        }
    }

    private struct Entry {
        var audio: [UInt8]
        var lastUse: Int
    }

    private struct State {
        /// By file name.
        var entries: [String: Entry] = [:]
        var bytes = 0
        var uses = 0
    }

    private let limit: Int
    private let folder: URL?
    private let log: Log
    private let state = Mutex(State())
    private let files = DispatchQueue(label: "vaani.greetings")

    /// - Parameters:
    ///   - limitBytes: of PCM16 at 24 kHz, 48 kB a second, in memory and on disk each.
    ///   - folder: where renderings outlive the process; made if it is not there. nil keeps them in memory only.
    public init(limitBytes: Int = 32 << 20, folder: String? = nil, log: Log = .disabled) {
        self.limit = limitBytes
        self.folder = folder.map { URL(fileURLWithPath: $0, isDirectory: true) }
        self.log = log
        self.files.async { self.openFolder() }
    }

    /// PCM16 LE mono 24 kHz, or nil.
    public func audio(for key: Key) -> [UInt8]? {
        self.state.withLock { state in
            state.uses += 1
            state.entries[key.fileName]?.lastUse = state.uses
            return state.entries[key.fileName]?.audio
        }
    }

    /// Keeps a rendering whose transcript was the persona's text.
    public func store(_ audio: [UInt8], for key: Key) {
        self.keep(audio, for: key.fileName)
        if self.folder != nil { self.files.async { self.write(audio, for: key) } }
    }

    private func keep(_ audio: [UInt8], for key: String) {
        guard !audio.isEmpty, audio.count <= self.limit / 4 else { return }
        self.state.withLock { state in
            state.uses += 1
            state.bytes += audio.count - (state.entries[key]?.audio.count ?? 0)
            state.entries[key] = Entry(audio: audio, lastUse: state.uses)
            while state.bytes > self.limit, let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
                state.bytes -= oldest.value.audio.count
            }
        }
    }

    // MARK: The folder. On `files` alone; what fails there costs a rendering, never a conversation.

    private func openFolder() {
        guard let folder = self.folder else { return }
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            self.log.warning("greetings are not kept on disk", [.file: .text(folder.lastPathComponent)])
        }
        for kept in Self.files(in: folder).reversed() {
            // Written atomically, so whole or not there; an odd size is somebody else's file.
            guard let data = try? Data(contentsOf: kept.file), data.count.isMultiple(of: 2) else { continue }
            self.keep([UInt8](data), for: kept.file.lastPathComponent)
        }
    }

    private func write(_ audio: [UInt8], for key: Key) {
        guard let folder = self.folder, audio.count <= self.limit / 4 else { return }
        do {
            try Data(audio).write(to: folder.appendingPathComponent(key.fileName), options: .atomic)
        } catch {
            self.log.warning("greeting not kept on disk", [.byteCount: .integer(audio.count)])
        }
        self.trim(folder)
    }

    /// Deletes the files written longest ago until the rest fits.
    private func trim(_ folder: URL) {
        let files = Self.files(in: folder)
        var bytes = files.reduce(0) { $0 + $1.bytes }
        for old in files where bytes > self.limit {
            try? FileManager.default.removeItem(at: old.file)
            bytes -= old.bytes
        }
    }

    /// The one written longest ago first.
    private static func files(in folder: URL) -> [(file: URL, bytes: Int, date: Date)] {
        let keys: Set<URLResourceKey> = [.fileSizeKey, .contentModificationDateKey]
        let found = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: Array(keys))
        return (found ?? []).filter { $0.pathExtension == "pcm" }.map { file in
            let values = try? file.resourceValues(forKeys: keys)
            return (file: file, bytes: values?.fileSize ?? 0, date: values?.contentModificationDate ?? .distantPast)
        }.sorted { $0.date < $1.date }
    }

    /// Returns when what was asked of the folder so far is done.
    func settle() { self.files.sync {} }
}
