import Audio
import Synchronization

/// Greetings as they went out: a client that takes a codec is sent what another one was sent, and nothing is encoded.
///
/// In memory only, for the samples that they are made of are kept elsewhere. Bounded; what was not asked for longest goes
/// first.
public final class EncodedGreetings: Sendable {
    /// Names one rendering in one format.
    struct Key: Hashable, Sendable {
        let greeting: GreetingCache.Key
        let codec: StreamEncoder.Codec
        let frameMs: Int
        let leavesOutSilence: Bool
    }

    private struct Entry {
        let pieces: [StreamEncoder.Piece]
        let bytes: Int
        var lastUse: Int
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var bytes = 0
        var uses = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limitBytes: 8 MiB are twenty minutes of Opus at 48 kbit/s.
    public init(limitBytes: Int = 8 << 20) {
        self.limit = limitBytes
    }

    func pieces(for key: Key) -> [StreamEncoder.Piece]? {
        self.state.withLock { state in
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return state.entries[key]?.pieces
        }
    }

    func store(_ pieces: [StreamEncoder.Piece], for key: Key) {
        // A packet is small: its array counts.
        let bytes = pieces.reduce(0) { $0 + $1.bytes.count + 64 }
        guard bytes > 0, bytes <= self.limit / 4 else { return }
        self.state.withLock { state in
            state.uses += 1
            state.bytes += bytes - (state.entries[key]?.bytes ?? 0)
            state.entries[key] = Entry(pieces: pieces, bytes: bytes, lastUse: state.uses)
            while state.bytes > self.limit, let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.entries[oldest.key] = nil
                state.bytes -= oldest.value.bytes
            }
        }
    }
}

/// The greeting that is going out, in its encoded form.
struct EncodedGreeting: Sendable {
    private enum Source {
        /// It is being encoded, for the next one.
        case recording([StreamEncoder.Piece])
        /// It was encoded before; so many pieces have gone out.
        case replaying([StreamEncoder.Piece], next: Int)
    }

    private let cache: EncodedGreetings
    private let key: EncodedGreetings.Key
    private var source: Source
    /// Samples of it that were let out, at 24 kHz.
    private var samples = 0

    init(_ key: EncodedGreetings.Key, in cache: EncodedGreetings) {
        self.cache = cache
        self.key = key
        self.source = cache.pieces(for: key).map { .replaying($0, next: 0) } ?? .recording([])
    }

    var isReplaying: Bool {
        if case .replaying = self.source { true } else { false }
    }

    /// Takes note of what was encoded.
    mutating func record(_ pieces: [StreamEncoder.Piece]) {
        guard case .recording(var known) = self.source else { return }
        // Let go of, so that adding does not copy.
        self.source = .recording([])
        known.append(contentsOf: pieces)
        self.source = .recording(known)
    }

    /// The pieces that are complete with so many bytes more of the greeting.
    ///
    /// - Parameter rate: of the stream, in Hz.
    mutating func replay(_ byteCount: Int, rate: Int) -> [StreamEncoder.Piece] {
        guard case .replaying(let pieces, let next) = self.source else { return [] }
        self.samples += byteCount / 2
        let position = self.samples * rate / 24_000
        // A piece goes out when the one after it would begin: never before its last sample is due.
        let end = pieces[next...].firstIndex { $0.position > position } ?? pieces.count
        let due = max(next, end - 1)
        self.source = .replaying(pieces, next: due)
        return Array(pieces[next..<due])
    }

    /// The greeting was said to its end: what is left of it, or nothing where it was encoded and is kept now.
    func finish() -> [StreamEncoder.Piece] {
        switch self.source {
        case .recording(let pieces):
            self.cache.store(pieces, for: self.key)
            return []
        case .replaying(let pieces, let next): return Array(pieces[next...])
        }
    }
}
