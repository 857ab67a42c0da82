import CFFmpeg

/// Takes the packets of the first audio track out of a file. One demuxer, named by the request, sees the bytes: without
/// probing, the hundreds of others never do.
final class Demuxer {
    private let container: DecodeRequest.Container
    private let file: MemoryFile
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private(set) var stream: UnsafeMutablePointer<AVStream>
    private var packetBytes = 0

    init(_ container: DecodeRequest.Container, _ file: MemoryFile) throws(DecodeFailure) {
        var context = try Self.configured(file)
        // Frees the context when it fails.
        guard avformat_open_input(&context, nil, av_find_input_format(container.demuxer), nil) == 0,
            let opened = context
        else { throw .bad("the bytes are no \(container.rawValue) file, or are cut off") }
        // MP4 says everything in its index; the others say rate and channels in their first frames only.
        if !container.hasIndex { avformat_find_stream_info(opened, nil) }
        guard let stream = Self.firstAudio(of: opened) else {
            avformat_close_input(&context)
            throw .bad("the \(container.rawValue) file has no audio track")
        }
        self.container = container
        self.file = file
        self.context = context
        self.stream = stream
    }

    deinit {
        avformat_close_input(&self.context)
    }

    /// The next packet of the track; false at the end.
    func next(into packet: UnsafeMutablePointer<AVPacket>) throws(DecodeFailure) -> Bool {
        while true {
            av_packet_unref(packet)
            let status = av_read_frame(self.context, packet)
            guard status == 0 else {
                if self.container.hasIndex, status != vaani_averror_eof() { throw self.cutOff }
                return false
            }
            try self.count(packet.pointee)
            if packet.pointee.stream_index == self.stream.pointee.index, packet.pointee.size > 0 { return true }
        }
    }

    /// An index may point at the same bytes again and again, so that a small file keeps a decoder busy for hours.
    private func count(_ packet: AVPacket) throws(DecodeFailure) {
        if self.container.hasIndex, packet.flags & AV_PKT_FLAG_CORRUPT != 0 { throw self.cutOff }
        self.packetBytes += max(1, Int(packet.size))
        guard self.packetBytes <= self.file.count else {
            throw .bad("the index of the \(self.container.rawValue) file points to more bytes than the file has")
        }
    }

    private var cutOff: DecodeFailure { .bad("the \(self.container.rawValue) file is cut off or damaged") }

    private static func configured(
        _ file: MemoryFile
    ) throws(DecodeFailure) -> UnsafeMutablePointer<AVFormatContext>? {
        guard let context = avformat_alloc_context() else { throw .outOfMemory }
        context.pointee.pb = file.context
        context.pointee.max_streams = 4
        context.pointee.probesize = 64 << 10
        context.pointee.codec_whitelist = av_strdup(Decoder.whitelist)
        // MP4 may name other files as its data; none is ever opened.
        context.pointee.protocol_whitelist = av_strdup("none")
        context.pointee.io_open = { _, _, _, _, _ in vaani_averror_permission() }
        return context
    }

    /// Every other track is left unread.
    private static func firstAudio(
        of context: UnsafeMutablePointer<AVFormatContext>
    ) -> UnsafeMutablePointer<AVStream>? {
        var first: UnsafeMutablePointer<AVStream>?
        for index in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[index] else { continue }
            if first == nil, stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO {
                first = stream
            } else {
                stream.pointee.discard = AVDISCARD_ALL
            }
        }
        return first
    }
}

extension DecodeRequest.Container {
    fileprivate var demuxer: String {
        switch self {
        case .m4a: "mov"
        case .mp3: "mp3"
        case .adts: "aac"
        }
    }
}
