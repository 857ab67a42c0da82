import Foundation

/// An open directory, through which alone its entries are reached: no path is ever put together, and no symbolic link is
/// followed, so nothing outside it can be read or written whatever somebody has put into it.
final class Directory: Sendable {
    /// Of a session with the longest answers: a tenth of this.
    static let maxFileBytes = 8 << 20

    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(self.descriptor) }

    /// The directory that an operator named; links on the way to it are the operator's own.
    convenience init(path: String) throws(InterviewError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fault(errno) }
        self.init(descriptor)
    }

    /// - Parameter creating: makes it, for its owner alone, where it is not there.
    func directory(_ name: String, creating: Bool = false) throws(InterviewError) -> Directory {
        try Self.check(name)
        if creating, mkdirat(self.descriptor, name, 0o700) == 0 { try self.sync() }
        let descriptor = openat(self.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fault(errno) }
        return Directory(descriptor)
    }

    func directory(_ names: [String], creating: Bool = false) throws(InterviewError) -> Directory {
        var directory = self
        for name in names { directory = try directory.directory(name, creating: creating) }
        return directory
    }

    // MARK: Reading

    /// - Throws: `notFound` where there is no such file, or where it is no plain file.
    func read(_ name: String) throws(InterviewError) -> [UInt8] {
        try Self.check(name)
        // Without O_NONBLOCK the opening of a pipe would wait for a writer for ever.
        let file = openat(self.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { throw Self.fault(errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw InterviewError(.notFound, "there is no such file")
        }
        guard status.st_size <= Self.maxFileBytes else {
            throw InterviewError(.unavailable, "a file of \(status.st_size) bytes exceeds \(Self.maxFileBytes)")
        }
        return try Self.readAll(file, size: Int(status.st_size))
    }

    /// nil where there is no such file.
    func readIfThere(_ name: String) throws(InterviewError) -> [UInt8]? {
        do throws(InterviewError) {
            return try self.read(name)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private static func readAll(_ file: Int32, size: Int) throws(InterviewError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        var count = 0
        while count < size {
            let got = bytes.withUnsafeMutableBytes { Foundation.read(file, $0.baseAddress! + count, size - count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw self.fault(errno) }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    /// The names of its entries, sorted.
    func names() throws(InterviewError) -> [String] {
        let copy = openat(self.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Self.fault(errno) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw Self.fault(errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func has(_ name: String) -> Bool {
        var status = stat()
        return fstatat(self.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    // MARK: Writing

    /// Puts a file in the place of another, or of none: whoever reads sees the old or the new one, also after a crash.
    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws(InterviewError) {
        try Self.check(name)
        let temporary = ".\(name).\(UInt64.random(in: 0 ... .max)).tmp"
        let file = openat(self.descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(errno) }
        do throws(InterviewError) {
            defer { close(file) }
            try Self.writeAll(bytes, to: file)
            guard fchmod(file, mode) == 0, fsync(file) == 0 else { throw Self.fault(errno) }
        } catch {
            unlinkat(self.descriptor, temporary, 0)
            throw error
        }
        guard renameat(self.descriptor, temporary, self.descriptor, name) == 0 else {
            let fault = Self.fault(errno)
            unlinkat(self.descriptor, temporary, 0)
            throw fault
        }
        try self.sync()
    }

    /// Adds bytes to the end of a file; those that a crash left without a newline at the end go first.
    func append(_ name: String, line: [UInt8]) throws(InterviewError) {
        try Self.check(name)
        let file = openat(
            self.descriptor, name, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(errno) }
        defer { close(file) }
        try Self.dropTornLine(file)
        try Self.writeAll(line + [UInt8(ascii: "\n")], to: file)
        guard fsync(file) == 0 else { throw Self.fault(errno) }
        try self.sync()
    }

    private static func dropTornLine(_ file: Int32) throws(InterviewError) {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw InterviewError(.notFound, "there is no such file")
        }
        var end = status.st_size
        var byte: UInt8 = 0
        while end > 0, pread(file, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") { end -= 1 }
        if end < status.st_size, ftruncate(file, end) != 0 { throw Self.fault(errno) }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) throws(InterviewError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw self.fault(errno) }
            rest = rest.dropFirst(written)
        }
    }

    /// - Throws: `notFound` where there is none.
    func remove(_ name: String) throws(InterviewError) {
        try Self.check(name)
        guard unlinkat(self.descriptor, name, 0) == 0 else { throw Self.fault(errno) }
        try self.sync()
    }

    /// Moves a file into another directory.
    func move(_ name: String, to directory: Directory) throws(InterviewError) {
        try Self.check(name)
        guard renameat(self.descriptor, name, directory.descriptor, name) == 0 else { throw Self.fault(errno) }
        try self.sync()
        try directory.sync()
    }

    /// A new name is on the disk only when its directory is.
    private func sync() throws(InterviewError) {
        guard fsync(self.descriptor) == 0 else { throw Self.fault(errno) }
    }

    // MARK: Locks

    /// Holds a lock against other processes while the body runs.
    func locked<Value>(
        _ name: String, _ body: () throws(InterviewError) -> Value
    ) throws(InterviewError) -> Value {
        let file = openat(self.descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.fault(errno) }
        defer { close(file) }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.fault(errno) }
        }
        return try body()
    }

    // MARK: Faults

    private static func check(_ name: String) throws(InterviewError) {
        let isPlain = !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 255
        guard isPlain, !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }) else {
            throw InterviewError(.notFound, "there is no such file")
        }
    }

    /// What a system call said. A link where a file or a directory should be is nothing that is there.
    private static func fault(_ number: Int32) -> InterviewError {
        switch number {
        case ENOENT, ELOOP, ENOTDIR, ENXIO: InterviewError(.notFound, "there is no such file")
        default: InterviewError(.unavailable, "the disk refused: \(String(cString: strerror(number)))")
        }
    }
}
