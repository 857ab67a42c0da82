import JSON

/// A request, checked: a line of JSON, then the file.
struct DecodeRequest {
    enum Container: String, CaseIterable {
        case m4a, mp3, adts

        /// Whether the container says where each packet lies, so that a missing one is a cut-off file. A stream simply ends.
        var hasIndex: Bool { self == .m4a }
    }

    var container: Container
    var limits: OutputLimits
    var file: [UInt8]

    init(parsing request: [UInt8]) throws(DecodeFailure) {
        guard let lineEnd = request.firstIndex(of: UInt8(ascii: "\n")),
            let head = try? JSONValue(parsing: Array(request[..<lineEnd]))
        else { throw .bad("a request begins with a line of json") }
        guard let container = head["format"]?.string.flatMap(Container.init) else {
            throw .unsupported("a request names m4a, mp3 or adts as its format")
        }
        guard let seconds = head["max_seconds"]?.double, seconds > 0, seconds <= 86_400,
            let expansion = head["max_expansion"]?.integer, (1...1_000_000).contains(expansion)
        else { throw .bad("a request says max_seconds and max_expansion") }
        self.container = container
        self.file = Array(request[(lineEnd + 1)...])
        self.limits = OutputLimits(maxSeconds: seconds, maxExpansion: expansion, encodedBytes: self.file.count)
    }

    /// Decodes the file; `emit` takes the answer's chunks and returns false once nobody wants them any more.
    func perform(_ emit: ([UInt8]) -> Bool) throws {
        guard !self.file.isEmpty else { throw DecodeFailure.bad("a file of 0 bytes") }
        try self.file.withUnsafeBytes { bytes in
            let demuxer = try Demuxer(self.container, MemoryFile(bytes))
            let decoder = try Decoder(demuxer.stream)
            var output = PCMOutput(limits: self.limits)
            var health = Health()
            while !output.isAbandoned, try demuxer.next(into: decoder.packet) {
                try decoder.decode(&health) { frame in try output.append(frame, emit) }
            }
            try decoder.finish(&health) { frame in try output.append(frame, emit) }
            try health.check()
            try output.finish(emit)
        }
    }
}
