import Glibc

/// The helper's side of a `WorkerPool`.
public enum WorkerMain {
    // More than any caller sends: an utterance of several minutes.
    private static let maxRequestBytes = 64 << 20

    /// Enters the sandbox and answers calls until the pool lets go of this process.
    ///
    /// - Parameters:
    ///   - sandbox: what this helper still may do. What needs more (loading data, say) is done before this call.
    ///   - handle: one call. `emit` sends a chunk of the answer and returns false once the caller no longer wants it.
    ///     What it throws becomes `WorkerError.failed` with the error's description.
    public static func serve(
        sandbox: Sandbox = Sandbox(),
        _ handle: (_ request: [UInt8], _ emit: ([UInt8]) -> Bool) throws -> Void
    ) -> Never {
        // A pool that has gone is noticed by the failing write.
        signal(SIGPIPE, SIG_IGN)
        do {
            try sandbox.enter()
        } catch {
            let text = Array("\(error)\n".utf8)
            _ = write(STDERR_FILENO, text, text.count)
            exit(EXIT_FAILURE)
        }
        var line = PoolLine(descriptor: HelperProcess.helperDescriptor, maxRequestBytes: Self.maxRequestBytes)
        line.send(Frame(kind: .ready))
        while let request = line.nextRequest() {
            line.send(Self.answer(request, on: &line, handle))
        }
        exit(EXIT_SUCCESS)
    }

    private static func answer(
        _ request: [UInt8], on line: inout PoolLine,
        _ handle: (_ request: [UInt8], _ emit: ([UInt8]) -> Bool) throws -> Void
    ) -> Frame {
        do {
            try withoutActuallyEscaping({ line.emit($0) }) { emit in try handle(request, emit) }
            return Frame(kind: .end)
        } catch {
            return Frame(kind: .failure, payload: Array(String(describing: error).utf8.prefix(4_096)))
        }
    }
}

/// The conversation with the pool, in the helper: blocking, one thread.
struct PoolLine {
    private let descriptor: Int32
    private var parser: FrameParser
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)
    private var isCancelled = false

    init(descriptor: Int32, maxRequestBytes: Int) {
        self.descriptor = descriptor
        self.parser = FrameParser(maxPayloadBytes: maxRequestBytes)
    }

    /// The next request; nil when the pool has closed the line.
    mutating func nextRequest() -> [UInt8]? {
        self.isCancelled = false
        while true {
            // A cancel that came after the answer's end has nothing left to cancel.
            while let frame = try? self.parser.next() {
                if frame.kind == .request { return frame.payload }
            }
            guard self.receive() else { return nil }
        }
    }

    /// Sends one chunk. Returns false, and sends nothing, once the pool has said cancel.
    mutating func emit(_ chunk: [UInt8]) -> Bool {
        while !self.isCancelled, self.hasInput {
            guard self.receive() else { exit(EXIT_SUCCESS) }
            if let frame = try? self.parser.next(), frame.kind == .cancel { self.isCancelled = true }
        }
        guard !self.isCancelled else { return false }
        self.send(Frame(kind: .chunk, payload: chunk))
        return true
    }

    func send(_ frame: Frame) {
        let bytes = frame.encoded
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(self.descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                exit(EXIT_SUCCESS)
            }
        }
    }

    private var hasInput: Bool {
        var entry = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private mutating func receive() -> Bool {
        let count = read(self.descriptor, &self.buffer, self.buffer.count)
        if count < 0 { return errno == EINTR }
        self.buffer.withUnsafeBytes { self.parser.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return count > 0
    }
}
