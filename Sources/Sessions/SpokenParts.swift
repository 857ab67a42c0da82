import RealtimeProtocol

/// The audio of one reply, by the parts of its response: each content of each item by itself, spoken one after the other.
///
/// Where a model sends two parts at a time, the second waits until the first is complete.
struct SpokenParts: Sendable, Equatable {
    private struct Part: Sendable, Equatable {
        let place: OutputPart
        var bytes = 0
    }

    private struct Piece: Sendable, Equatable {
        let place: OutputPart
        let audio: [UInt8]
    }

    /// What the model should do about an item of which not everything was heard.
    enum Cut: Sendable, Equatable {
        case truncate(itemID: String, contentIndex: Int, atMs: Int)
        case delete(itemID: String)
    }

    // PCM16 mono at 24 kHz.
    private static let bytesPerMs = 48
    /// A minute of audio that came before its turn; more is dropped.
    private static let maxWaitingBytes = 60_000 * bytesPerMs

    /// Those that are being spoken or were, in order.
    private var parts: [Part] = []
    private var waiting: [Piece] = []
    private var complete: Set<OutputPart> = []

    init() {}

    /// The item that the reply is known by.
    var firstItemID: String? { self.parts.first?.place.itemID }

    private var spokenBytes: Int { self.parts.reduce(0) { $0 + $1.bytes } }
    var spokenMs: Int { self.spokenBytes / Self.bytesPerMs }

    /// Takes audio and returns what may be heard now.
    mutating func take(_ audio: [UInt8], of place: OutputPart) -> [UInt8] {
        if self.waiting.isEmpty, self.isTurn(of: place) { return self.speak(audio, of: place) }
        if self.parts.last?.place == place { return self.speak(audio, of: place) }
        let waitingBytes = self.waiting.reduce(audio.count) { $0 + $1.audio.count }
        if waitingBytes <= Self.maxWaitingBytes { self.waiting.append(Piece(place: place, audio: audio)) }
        return []
    }

    /// No more audio of a part will come; returns what waited for that.
    mutating func completed(_ place: OutputPart) -> [UInt8] {
        self.complete.insert(place)
        return self.release()
    }

    /// No more audio of an item will come.
    mutating func completed(itemID: String) -> [UInt8] {
        for place in self.parts.map(\.place) + self.waiting.map(\.place) where place.itemID == itemID {
            self.complete.insert(place)
        }
        return self.release()
    }

    /// No more audio will come at all.
    mutating func completedAll() -> [UInt8] {
        self.complete.formUnion(self.parts.map(\.place))
        self.complete.formUnion(self.waiting.map(\.place))
        return self.release()
    }

    /// What was not heard of the items, in order, when `heardMs` of the reply were.
    func cuts(atMs heardMs: Int) -> [Cut] {
        var cuts: [Cut] = []
        var known: Set<String> = []
        var startBytes = 0
        for part in self.parts {
            let startMs = startBytes / Self.bytesPerMs
            startBytes += part.bytes
            let isHeard = heardMs > startMs
            guard known.insert(part.place.itemID).inserted || isHeard else { continue }
            guard heardMs < startBytes / Self.bytesPerMs else { continue }
            cuts.append(
                isHeard
                    ? .truncate(
                        itemID: part.place.itemID, contentIndex: part.place.contentIndex, atMs: heardMs - startMs)
                    : .delete(itemID: part.place.itemID))
        }
        for piece in self.waiting where known.insert(piece.place.itemID).inserted {
            cuts.append(.delete(itemID: piece.place.itemID))
        }
        return cuts
    }

    private func isTurn(of place: OutputPart) -> Bool {
        guard let last = self.parts.last else { return true }
        return last.place == place || self.complete.contains(last.place)
    }

    private mutating func speak(_ audio: [UInt8], of place: OutputPart) -> [UInt8] {
        guard self.parts.last?.place != place else {
            self.parts[self.parts.count - 1].bytes += audio.count
            return audio
        }
        // A part may end in mid-sample; what follows would be noise.
        let padding: [UInt8] = self.spokenBytes.isMultiple(of: 2) ? [] : [0]
        if let last = self.parts.indices.last { self.parts[last].bytes += padding.count }
        self.parts.append(Part(place: place, bytes: audio.count))
        return padding + audio
    }

    private mutating func release() -> [UInt8] {
        var audio: [UInt8] = []
        while let next = self.waiting.first?.place, self.isTurn(of: next) {
            for piece in self.waiting where piece.place == next { audio += self.speak(piece.audio, of: next) }
            self.waiting.removeAll { $0.place == next }
        }
        return audio
    }
}
