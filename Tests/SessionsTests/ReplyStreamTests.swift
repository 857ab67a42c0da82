import Audio
import ClientProtocol
import Testing

@testable import Sessions

@Suite struct ReplyStreamTests {
    private static let opus = AudioFormat(.opus, rate: 48_000)

    private static func header(_ generation: Int = 0, isCached: Bool = false) -> ReplyHeader {
        ReplyHeader(responseID: "r", itemID: "i", generation: generation, kind: .answer, isCached: isCached)
    }

    private static func stream(_ format: AudioFormat, isBinary: Bool) throws -> ReplyStream {
        try ReplyStream(format, isBinary: isBinary, leavesOutSilence: false, opus: OpusEncoder.Settings())
    }

    private static func delta(_ milliseconds: Int) -> ServerMessage {
        let audio = (0..<milliseconds * 48).map { UInt8(truncatingIfNeeded: $0) }
        return .audioDelta(audio, responseID: "r", itemID: "i", generation: 0, offsetMs: 0)
    }

    private static let done = ServerMessage.audioEnd(responseID: "r", totalMs: 0, reason: .done)

    private func frames(_ outgoing: [ReplyStream.Outgoing]) -> [(header: BinaryFrameHeader, payload: [UInt8])] {
        outgoing.compactMap { item in
            guard case .frame(let frame) = item,
                let header = frame.withUnsafeBytes({ BinaryFrameHeader(decoding: $0) })
            else { return nil }
            return (header, Array(frame.dropFirst(16)))
        }
    }

    /// What a client gets of a greeting of 250 ms that is played again.
    private func greet(
        _ stream: inout ReplyStream, _ cache: EncodedGreetings, audible: Bool = true, ends reason: ReplyEnd = .done
    ) throws -> [(header: BinaryFrameHeader, payload: [UInt8])] {
        _ = try stream.put(.audioStart(Self.header(isCached: true)))
        stream.recall(GreetingCache.Key(persona: "p", model: "m"), from: cache)
        var outgoing: [ReplyStream.Outgoing] = []
        for milliseconds in [100, 37, 113] {
            // Samples that are replayed matter by their number alone.
            let silence = ServerMessage.audioDelta(
                [UInt8](repeating: 0, count: milliseconds * 48), responseID: "r", itemID: "i", generation: 0,
                offsetMs: 0)
            outgoing += try stream.put(audible ? Self.delta(milliseconds) : silence)
        }
        outgoing += try stream.put(.audioEnd(responseID: "r", totalMs: 250, reason: reason))
        return self.frames(outgoing)
    }

    @Test func `a greeting that one client was sent goes to the next as it is, without encoding`() throws {
        let cache = EncodedGreetings()
        var first = try Self.stream(Self.opus, isBinary: true)
        var second = try Self.stream(Self.opus, isBinary: true)
        let encoded = try self.greet(&first, cache)
        let replayed = try self.greet(&second, cache, audible: false)
        #expect(encoded.count == 13)
        #expect(replayed.map(\.payload) == encoded.map(\.payload))
        #expect(replayed.map(\.header) == encoded.map(\.header))
        // What follows does not go on with a codec that said something else.
        _ = try second.put(.audioStart(Self.header()))
        #expect(self.frames(try second.put(Self.delta(20))).first?.header.flags == [.first, .discontinuity])
    }

    @Test func `no frame of a greeting goes out before its time`() throws {
        let cache = EncodedGreetings()
        var first = try Self.stream(Self.opus, isBinary: true)
        _ = try self.greet(&first, cache)
        var second = try Self.stream(Self.opus, isBinary: true)
        _ = try second.put(.audioStart(Self.header(isCached: true)))
        second.recall(GreetingCache.Key(persona: "p", model: "m"), from: cache)
        #expect(self.frames(try second.put(Self.delta(100))).count == 5)
        #expect(self.frames(try second.put(Self.delta(37))).count == 1)
    }

    @Test func `a greeting that was interrupted is not kept, and other formats are encoded for themselves`() throws {
        let cache = EncodedGreetings()
        var first = try Self.stream(Self.opus, isBinary: true)
        _ = try self.greet(&first, cache, ends: .interrupted)
        var second = try Self.stream(Self.opus, isBinary: true)
        let encoded = try self.greet(&second, cache)
        var other = try Self.stream(AudioFormat(.mulaw, rate: 8_000), isBinary: true)
        #expect(try self.greet(&other, cache).map(\.payload) != encoded.map(\.payload))
        var fresh = try Self.stream(Self.opus, isBinary: true)
        let silent = try self.greet(&fresh, EncodedGreetings(), audible: false)
        #expect(silent.map(\.payload) != encoded.map(\.payload), "with an empty cache what was given is encoded")
    }

    @Test func `encoded greetings do not grow without end`() {
        let cache = EncodedGreetings(limitBytes: 4_096)
        func key(_ number: Int) -> EncodedGreetings.Key {
            EncodedGreetings.Key(
                greeting: GreetingCache.Key(persona: "\(number)", model: "m"), codec: .mulaw, frameMs: 20,
                leavesOutSilence: false)
        }
        let piece = StreamEncoder.Piece(bytes: [UInt8](repeating: 1, count: 900), position: 0)
        for number in 0..<6 { cache.store([piece], for: key(number)) }
        #expect((0..<6).map { cache.pieces(for: key($0)) != nil } == [false, false, true, true, true, true])
        cache.store([piece, piece], for: key(9))
        #expect(cache.pieces(for: key(9)) == nil)
    }

    @Test func `without codec and frames everything passes as it is`() throws {
        var stream = try Self.stream(.plain, isBinary: false)
        let start = ServerMessage.audioStart(Self.header())
        for message in [start, Self.delta(37), Self.done, .state(.idle)] {
            let outgoing = try stream.put(message)
            #expect(outgoing == [.message(message)])
        }
    }

    @Test func `binary PCM comes in frames with their place in the reply`() throws {
        var stream = try Self.stream(.plain, isBinary: true)
        var header = Self.header(3)
        let start = try stream.put(.audioStart(header))
        header.stream = 1
        #expect(start == [.message(.audioStart(header))])
        let frames = self.frames(try stream.put(Self.delta(50)))
        #expect(frames.map(\.header.flags) == [.first, []])
        #expect(frames.map(\.header.mediaTimestamp) == [0, 480])
        #expect(frames.map(\.header.sequence) == [1, 2])
        #expect(frames.allSatisfy { $0.header.stream == 1 && $0.header.generation == 3 && $0.payload.count == 960 })
        let rest = self.frames(try stream.put(Self.done))
        #expect(rest.map(\.header.flags) == [.last])
        #expect(rest.map(\.header.mediaTimestamp) == [960])
        #expect(rest.map(\.payload.count) == [480])
    }

    @Test func `a reply that ended with a whole frame says so in an empty one`() throws {
        var stream = try Self.stream(.plain, isBinary: true)
        _ = try stream.put(.audioStart(Self.header()))
        _ = try stream.put(Self.delta(40))
        let end = try stream.put(Self.done)
        #expect(self.frames(end).map(\.header.flags) == [.last])
        #expect(self.frames(end).map(\.payload) == [[]])
        #expect(self.frames(end).map(\.header.mediaTimestamp) == [960])
        #expect(end.last == .message(Self.done))
    }

    @Test func `a reply of one frame is first and last`() throws {
        var stream = try Self.stream(.plain, isBinary: true)
        _ = try stream.put(.audioStart(Self.header()))
        let nothing = try stream.put(Self.delta(10))
        #expect(nothing == [])
        #expect(self.frames(try stream.put(Self.done)).map(\.header.flags) == [[.first, .last]])
    }

    @Test func `a reply without audio has no frame`() throws {
        var stream = try Self.stream(Self.opus, isBinary: true)
        _ = try stream.put(.audioStart(Self.header()))
        let end = try stream.put(Self.done)
        #expect(end == [.message(Self.done)])
    }

    @Test func `each reply has a stream of its own, and 0 is never one`() throws {
        var stream = try Self.stream(.plain, isBinary: true)
        var slots: [UInt16] = []
        for _ in 0..<65_537 {
            if case .message(.audioStart(let header))? = try stream.put(.audioStart(Self.header())).first {
                slots.append(header.stream ?? 0)
            }
        }
        #expect(slots.first == 1)
        #expect(slots.suffix(3) == [65_535, 1, 2])
    }

    @Test(arguments: [ReplyEnd.interrupted, .failed])
    func `what follows an interruption begins anew, and nothing of the old is in it`(reason: ReplyEnd) throws {
        var stream = try Self.stream(Self.opus, isBinary: true)
        _ = try stream.put(.audioStart(Self.header()))
        _ = try stream.put(Self.delta(210))
        let end = try stream.put(.audioEnd(responseID: "r", totalMs: 200, reason: reason))
        #expect(self.frames(end).isEmpty)
        _ = try stream.put(.audioStart(Self.header(1)))
        let next = self.frames(try stream.put(Self.delta(40)))
        #expect(next.map(\.header.flags) == [[.first, .discontinuity], []])
        #expect(next.map(\.header.mediaTimestamp) == [0, 960])

        var fresh = try Self.stream(Self.opus, isBinary: true)
        _ = try fresh.put(.audioStart(Self.header(1)))
        #expect(next.map(\.payload) == self.frames(try fresh.put(Self.delta(40))).map(\.payload))
    }

    @Test func `another persona's voice begins anew, though the reply before was whole`() throws {
        var stream = try Self.stream(Self.opus, isBinary: true)
        for generation in [0, 0, 1] {
            _ = try stream.put(.audioStart(Self.header(generation)))
            let first = self.frames(try stream.put(Self.delta(40))).first?.header
            #expect(first?.flags.contains(.discontinuity) == (generation == 1))
            _ = try stream.put(Self.done)
        }
    }

    @Test func `a greeting from the cache is marked in every frame`() throws {
        var stream = try Self.stream(.plain, isBinary: true)
        _ = try stream.put(.audioStart(Self.header(isCached: true)))
        let frames = self.frames(try stream.put(Self.delta(40)))
        #expect(frames.map(\.header.flags) == [[.first, .cached], .cached])
    }

    @Test func `Opus in JSON is one packet in each message, with its offset`() throws {
        var stream = try Self.stream(Self.opus, isBinary: false)
        _ = try stream.put(.audioStart(Self.header(4)))
        let outgoing = try stream.put(Self.delta(60))
        let offsets = outgoing.compactMap { item -> Int? in
            guard case .message(.audioDelta(let packet, "r", "i", 4, let offset)) = item, packet.count > 2 else {
                return nil
            }
            return offset
        }
        #expect(offsets == [0, 20, 40])
    }

    @Test(arguments: [(AudioFormat(.mulaw, rate: 8_000), 8), (AudioFormat(.pcm16, rate: 48_000), 96)])
    func `all of a reply arrives at another rate, its tail included`(format: AudioFormat, bytesPerMs: Int) throws {
        for isBinary in [true, false] {
            var stream = try Self.stream(format, isBinary: isBinary)
            _ = try stream.put(.audioStart(Self.header()))
            let outgoing = try stream.put(Self.delta(333)) + stream.put(Self.done)
            let bytes = outgoing.reduce(0) { count, item in
                switch item {
                case .frame(let frame): count + frame.count - 16
                case .message(.audioDelta(let audio, _, _, _, _)): count + audio.count
                case .message: count
                }
            }
            #expect(abs(bytes - 333 * bytesPerMs) <= 2)
        }
    }
}

@Suite struct MicrophoneIntakeTests {
    private func heard(_ format: AudioFormat, _ pieces: [[UInt8]], skipping: Int = 0) throws -> [UInt8] {
        var intake = MicrophoneIntake()
        try intake.configure(format)
        var heard: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            try piece.withUnsafeBytes { bytes in
                if index < skipping { try intake.skip(bytes) } else { try intake.convert(bytes) { heard += Array($0) } }
            }
        }
        return heard
    }

    @Test func `what the model takes goes through as it is`() throws {
        #expect(try self.heard(.plain, [[1, 2, 3, 4], [5, 6]]) == [1, 2, 3, 4, 5, 6])
    }

    @Test func `half a sample waits for its other half, also where nobody listened`() throws {
        #expect(try self.heard(.plain, [[1, 2, 3], [4, 5], [6]]) == [1, 2, 3, 4, 5, 6])
        #expect(try self.heard(.plain, [[1], [2, 3, 4], [5, 6]], skipping: 1) == [1, 2, 3, 4, 5, 6])
        #expect(try self.heard(.plain, [[1, 2, 3], [4, 5, 6]], skipping: 1) == [3, 4, 5, 6])
    }

    @Test func `telephone audio becomes what the model takes`() throws {
        let second = [UInt8](repeating: 0xFF, count: 8_000)
        #expect(try self.heard(AudioFormat(.mulaw, rate: 8_000), [second]).count > 46_000)
    }

    @Test func `only missing frames are a gap`() throws {
        var intake = MicrophoneIntake()
        func gap(_ sequence: UInt32, _ flags: BinaryFrameHeader.Flags = []) throws -> Bool {
            try intake.arrived(
                BinaryFrameHeader(flags: flags, stream: 0, sequence: sequence, mediaTimestamp: 0, generation: 0))
        }
        let gaps = try [7, 8, 10, 11, 11, 3, 4].map { try gap($0) }
        #expect(gaps == [false, false, true, false, false, false, false])
        let wrap = try [UInt32.max - 1, .max, 0, 1, 3].map { try gap($0) }
        #expect(wrap.dropFirst() == [false, false, false, true])
    }
}
