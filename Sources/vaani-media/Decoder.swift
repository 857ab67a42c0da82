import CFFmpeg

/// libavcodec for one track, with the packet and the frame that it works on.
final class Decoder {
    /// The only decoders that may run, also while a demuxer looks into its streams.
    static let whitelist = "aac,mp3float"
    // An index of 20,000,000 samples, which takes a few bytes to claim, would take 470 MB.
    private static let maxAllocationBytes = 16 << 20

    let packet: UnsafeMutablePointer<AVPacket>
    private let frame: UnsafeMutablePointer<AVFrame>
    private let context: UnsafeMutablePointer<AVCodecContext>

    /// For the whole process, before it enters its sandbox: tables are made, and nothing will be written to stderr.
    static func prepareLibraries() {
        av_log_set_level(AV_LOG_QUIET)
        av_max_alloc(Self.maxAllocationBytes)
        for codec in [AV_CODEC_ID_AAC, AV_CODEC_ID_MP3] {
            var context = avcodec_alloc_context3(avcodec_find_decoder(codec))
            avcodec_open2(context, nil, nil)
            avcodec_free_context(&context)
        }
    }

    init(_ stream: UnsafeMutablePointer<AVStream>) throws(DecodeFailure) {
        let id = stream.pointee.codecpar.pointee.codec_id
        guard id != AV_CODEC_ID_NONE else { throw .bad("the description of the audio track is missing or damaged") }
        guard [AV_CODEC_ID_AAC, AV_CODEC_ID_MP3].contains(id), let codec = avcodec_find_decoder(id) else {
            throw .unsupported("audio codec \(String(cString: avcodec_get_name(id))); aac and mp3 are taken")
        }
        guard let context = avcodec_alloc_context3(codec), let packet = av_packet_alloc(), let frame = av_frame_alloc()
        else { throw .outOfMemory }
        self.context = context
        self.packet = packet
        self.frame = frame
        guard avcodec_parameters_to_context(context, stream.pointee.codecpar) >= 0 else { throw .outOfMemory }
        context.pointee.thread_count = 1
        context.pointee.codec_whitelist = av_strdup(Self.whitelist)
        // The unit in which a container says how much of the beginning and of the end is padding.
        context.pointee.pkt_timebase = stream.pointee.time_base
        guard avcodec_open2(context, codec, nil) == 0 else { throw .bad("the codec's parameters are damaged") }
    }

    deinit {
        var (context, packet, frame) = (Optional(self.context), Optional(self.packet), Optional(self.frame))
        avcodec_free_context(&context)
        av_packet_free(&packet)
        av_frame_free(&frame)
    }

    /// Decodes the packet.
    func decode(_ health: inout Health, _ take: (AVFrame) throws -> Void) throws {
        try self.pass(self.packet, &health, take)
    }

    /// Brings out what the decoder still holds.
    func finish(_ health: inout Health, _ take: (AVFrame) throws -> Void) throws {
        try self.pass(nil, &health, take)
    }

    private func pass(
        _ packet: UnsafeMutablePointer<AVPacket>?, _ health: inout Health, _ take: (AVFrame) throws -> Void
    ) throws {
        guard avcodec_send_packet(self.context, packet) == 0 else { return try health.packetDamaged() }
        while true {
            let status = avcodec_receive_frame(self.context, self.frame)
            if status == vaani_averror_again() || status == vaani_averror_eof() { return }
            guard status == 0 else { return try health.packetDamaged() }
            health.frameDecoded()
            try take(self.frame.pointee)
        }
    }
}
