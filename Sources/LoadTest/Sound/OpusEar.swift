import Audio
import ClientProtocol

/// Listens to an echo in Opus: counts its packets, and decodes no more of them than it needs to find the markers.
struct OpusEar: ~Copyable {
    /// Packets without a marker after which what answers is taken for no echo: ten seconds.
    private static let patience = 500

    /// What was heard first, known only once a marker was heard.
    struct First: Sendable, Equatable {
        /// Of the packet among all that were sent.
        var index: Int
        var at: UInt64
    }

    private var track: PacketTrack
    private let chunkSamples: Int
    private var decoder: OpusDecoder?
    private var samples: [Int16] = []
    /// The position that was decoded last.
    private var decoded = -1
    private var stream: UInt16 = 0
    /// Packets of the echo before this reply.
    private var base = 0
    private var next = 0
    private var unaligned = 0
    /// The first packet that could not be told yet.
    private var firstUnknown: (position: Int, at: UInt64)?

    init(chunkMilliseconds: Int) {
        self.track = PacketTrack(chunkMilliseconds: chunkMilliseconds)
        self.chunkSamples = chunkMilliseconds * Voice.sampleRate / 1_000
    }

    mutating func send(at time: UInt64, isVoiced: Bool) {
        self.track.send(at: time, isVoiced: isVoiced)
    }

    mutating func interrupt() {
        self.track.interrupt()
        self.unaligned = 0
        self.firstUnknown = nil
    }

    /// A frame that came; nil if nobody knows which one it is.
    mutating func hear(
        _ header: BinaryFrameHeader, _ packet: UnsafeRawBufferPointer, at now: UInt64
    ) -> (packet: PacketTrack.Heard, first: First?)? {
        guard let position = self.position(header) else { return nil }
        let marker = self.marker(in: packet, at: position)
        guard let heard = self.track.hear(position, marker: marker) else {
            self.unaligned += 1
            if self.firstUnknown == nil { self.firstUnknown = (position, now) }
            return nil
        }
        self.unaligned = 0
        defer { self.firstUnknown = nil }
        return (heard, self.firstUnknown.map { First(index: heard.index - position + $0.position, at: $0.at) })
    }

    /// Replies are whole packets, so the last one of a reply is none of the microphone's: it holds what the codec held
    /// back.
    private mutating func position(_ header: BinaryFrameHeader) -> Int? {
        guard !header.flags.contains(.last) else { return nil }
        if header.stream != self.stream { (self.stream, self.base) = (header.stream, self.next) }
        let position = self.base + Int(header.mediaTimestamp) / self.chunkSamples
        self.next = position + 1
        return position
    }

    private mutating func marker(in packet: UnsafeRawBufferPointer, at position: Int) -> Int? {
        guard self.unaligned < Self.patience, self.track.wantsSound(of: position) else { return nil }
        do throws(AudioError) {
            if self.decoder == nil { self.decoder = try OpusDecoder() }
            // What it still has of an earlier marker would sound on in packets that it cannot join to that one.
            if position != self.decoded + 1 { self.decoder?.reset() }
            self.decoded = position
            self.samples.removeAll(keepingCapacity: true)
            try self.decoder?.decode(Array(packet), into: &self.samples)
        } catch {
            return nil
        }
        return Marker.find(in: self.samples[...])
    }
}
