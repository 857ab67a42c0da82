import CZip

/// The files in a ZIP archive that lies in memory, read one at a time and never beyond a limit: what an archive says of
/// the size of its files counts for nothing.
struct Archive: ~Copyable {
    // Expat reads a token that has not ended again with every piece: few pieces keep a token of megabytes cheap.
    private static let bufferBytes = 2 << 20

    private let handle: OpaquePointer

    /// - Parameter bytes: borrowed as long as the archive is open.
    init(_ bytes: UnsafeRawBufferPointer) throws(ReadFailure) {
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(bytes.baseAddress, UInt64(bytes.count), 0, &error) else {
            throw ReadFailure(.tooLong, "the document needs more memory than it may have")
        }
        guard let handle = zip_open_from_source(source, ZIP_RDONLY, &error) else {
            zip_source_free(source)
            throw ReadFailure(.damaged, "the document is no whole ZIP archive")
        }
        self.handle = handle
    }

    deinit { zip_discard(self.handle) }

    /// Lends the content of a file, piece by piece.
    ///
    /// - Parameter maxBytes: unpacked.
    /// - Returns: false where there is no file of that name.
    func read(
        _ name: String, maxBytes: Int, _ take: (UnsafeRawBufferPointer) throws(ReadFailure) -> Void
    ) throws(ReadFailure) -> Bool {
        let index = zip_name_locate(self.handle, name, 0)
        guard index >= 0 else { return false }
        guard let file = zip_fopen_index(self.handle, UInt64(index), 0) else { throw self.refusal(name) }
        defer { zip_fclose(file) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferBytes, alignment: 16)
        defer { buffer.deallocate() }
        var total = 0
        while true {
            let count = zip_fread(file, buffer.baseAddress, UInt64(buffer.count))
            guard count >= 0 else { throw ReadFailure(.damaged, "a part of the document is damaged") }
            guard count > 0 else { return true }
            total += Int(count)
            guard total <= maxBytes else {
                throw ReadFailure(.tooLong, "a part of the document has more than \(maxBytes) bytes")
            }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
        }
    }

    private func refusal(_ name: String) -> ReadFailure {
        let code = zip_error_code_zip(zip_get_error(self.handle))
        return code == ZIP_ER_NOPASSWD
            ? ReadFailure(.encrypted, "the document opens with a password alone")
            : ReadFailure(.damaged, "a part of the document cannot be unpacked")
    }
}
