import CFFmpeg
import Glibc

/// The bytes of a file, as libavformat reads them. It may look nowhere else.
final class MemoryFile {
    // What libavformat itself takes for a file.
    private static let bufferBytes = 32 << 10

    /// Lent for the life of this object.
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private(set) var context: UnsafeMutablePointer<AVIOContext>?

    init(_ bytes: UnsafeRawBufferPointer) throws(DecodeFailure) {
        self.bytes = bytes
        guard let buffer = av_malloc(Self.bufferBytes) else { throw .outOfMemory }
        self.context = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), Int32(Self.bufferBytes), 0,
            Unmanaged.passUnretained(self).toOpaque(),
            { file, target, count in MemoryFile.at(file)?.read(into: target, count) ?? vaani_averror_eof() }, nil,
            { file, offset, whence in MemoryFile.at(file)?.seek(offset, whence) ?? Int64(vaani_averror_invalid()) })
        guard self.context != nil else {
            av_free(buffer)
            throw .outOfMemory
        }
    }

    deinit {
        // libavformat may have put another buffer in the place of the first.
        if let context = self.context { av_free(context.pointee.buffer) }
        avio_context_free(&self.context)
    }

    var count: Int { self.bytes.count }

    private static func at(_ opaque: UnsafeMutableRawPointer?) -> MemoryFile? {
        opaque.map { Unmanaged<MemoryFile>.fromOpaque($0).takeUnretainedValue() }
    }

    private func read(into target: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
        let length = min(Int(count), self.bytes.count - self.position)
        guard length > 0, let target else { return vaani_averror_eof() }
        UnsafeMutableRawPointer(target).copyMemory(
            from: self.bytes.baseAddress! + self.position, byteCount: length)
        self.position += length
        return Int32(length)
    }

    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let origin: Int
        switch whence & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return Int64(self.bytes.count)
        case SEEK_SET: origin = 0
        case SEEK_CUR: origin = self.position
        case SEEK_END: origin = self.bytes.count
        default: return Int64(vaani_averror_invalid())
        }
        let (target, overflow) = origin.addingReportingOverflow(Int(offset))
        guard !overflow, 0...self.bytes.count ~= target else { return Int64(vaani_averror_invalid()) }
        self.position = target
        return Int64(target)
    }
}

extension DecodeFailure {
    static let outOfMemory = DecodeFailure.tooLarge("the recording needs more memory than it may have")
}
