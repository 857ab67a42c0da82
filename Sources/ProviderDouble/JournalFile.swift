import Foundation
import JSON

/// Keeps every request in a file, one JSON object a line, keys masked.
final class JournalFile: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(ProviderDoubleError) {
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0 else {
            throw ProviderDoubleError("log", "\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(self.descriptor)
    }

    /// A line that cannot be written is lost: the double's answers do not depend on it.
    func append(_ entry: RequestJournal.Entry) {
        let line = entry.json(showingKeys: false).encoded + [0x0A]
        _ = line.withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
    }
}
