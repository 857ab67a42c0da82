import Glibc

/// What ended a wait for a descriptor.
struct Wakeup: OptionSet {
    let rawValue: Int
    static let descriptor = Wakeup(rawValue: 1)
    static let alarm = Wakeup(rawValue: 2)
}

/// Waits until the descriptor has one of `events` or an end, the alarm rings, or the deadline (nil: never) has passed.
func waitFor(descriptor: Int32, events: Int32, alarm: Alarm, until deadline: ContinuousClock.Instant?) -> Wakeup {
    var entries = [
        pollfd(fd: descriptor, events: Int16(events), revents: 0),
        pollfd(fd: alarm.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    var timeout: Int32 = alarm.descriptor < 0 ? 100 : -1
    if let deadline {
        let left = max(.zero, deadline - .now)
        timeout = Int32(min(left / .milliseconds(1), 60_000).rounded(.up))
    }
    guard poll(&entries, 2, timeout) > 0 else { return [] }
    var wakeup: Wakeup = []
    if entries[0].revents != 0 { wakeup.insert(.descriptor) }
    if entries[1].revents != 0 { wakeup.insert(.alarm) }
    return wakeup
}

/// The conversation with one helper process over its socket.
struct HelperLine: ~Copyable {
    enum End: Equatable {
        case answered(WorkerError?)
        /// The process is dead or not to be trusted with another call.
        case broken(WorkerError)
    }

    private let process: HelperProcess
    private let alarm: Alarm
    private let maxResponseBytes: Int
    private var parser: FrameParser
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(_ configuration: WorkerPool.Configuration, alarm: Alarm) throws(WorkerError) {
        self.process = try HelperProcess(executable: configuration.executable, arguments: configuration.arguments)
        self.alarm = alarm
        self.maxResponseBytes = configuration.maxResponseBytes
        self.parser = FrameParser(maxPayloadBytes: configuration.maxResponseBytes)
    }

    var processID: Int32 { self.process.processID }

    mutating func awaitReady(until deadline: ContinuousClock.Instant) throws(WorkerError) {
        while .now < deadline {
            guard
                waitFor(descriptor: self.process.socket, events: POLLIN, alarm: self.alarm, until: deadline)
                    .contains(.descriptor)
            else {
                self.alarm.silence()
                continue
            }
            guard self.receive() else { break }
            if let frame = try? self.parser.next() {
                guard frame.kind == .ready else { break }
                return
            }
        }
        throw WorkerError(.unavailable, "the helper ended, or said nothing, before it was ready")
    }

    /// Waits for the alarm. Returns false if the process has ended meanwhile.
    mutating func waitWhileIdle() -> Bool {
        let wakeup = waitFor(descriptor: self.process.socket, events: POLLIN, alarm: self.alarm, until: nil)
        self.alarm.silence()
        // A helper has nothing to say between two calls: whatever is readable is its end, or a helper gone mad.
        return !wakeup.contains(.descriptor)
    }

    /// One call from its request to the last frame of its answer.
    mutating func exchange(
        _ call: Call, until deadline: ContinuousClock.Instant, isStopped: () -> Bool
    ) -> End {
        var bytesLeft = self.maxResponseBytes
        var saidCancel = false
        guard self.send(.request, call.request, until: deadline) else { return self.lost(deadline) }
        while !isStopped() {
            if let end = self.takeFrames(of: call, &bytesLeft) { return end }
            if call.isCancelled, !saidCancel {
                saidCancel = true
                guard self.send(.cancel, [], until: deadline) else { return self.lost(deadline) }
            }
            guard .now < deadline else { return self.lost(deadline) }
            let wakeup = waitFor(
                descriptor: self.process.socket, events: POLLIN, alarm: self.alarm, until: deadline)
            if wakeup.contains(.alarm) { self.alarm.silence() }
            if wakeup.contains(.descriptor), !self.receive() { return self.lost(deadline) }
        }
        return .broken(WorkerError(.shutDown, "the pool has been shut down"))
    }

    private mutating func takeFrames(of call: Call, _ bytesLeft: inout Int) -> End? {
        do {
            while let frame = try self.parser.next() {
                switch frame.kind {
                case .chunk:
                    bytesLeft -= frame.payload.count
                    guard bytesLeft >= 0 else { return .broken(self.tooLarge) }
                    call.emit(frame.payload)
                case .end: return .answered(nil)
                case .failure:
                    return .answered(WorkerError(.failed, String(decoding: frame.payload, as: UTF8.self)))
                case .ready, .request, .cancel:
                    return .broken(WorkerError(.crashed, "the helper sent a frame that is not an answer"))
                }
            }
            return nil
        } catch FrameParser.Failure.tooLong {
            return .broken(self.tooLarge)
        } catch {
            return .broken(WorkerError(.crashed, "the helper sent something that is no frame"))
        }
    }

    private var tooLarge: WorkerError {
        WorkerError(.tooLarge, "the helper's answer exceeds maxResponseBytes \(self.maxResponseBytes)")
    }

    private func lost(_ deadline: ContinuousClock.Instant) -> End {
        .broken(
            .now < deadline
                ? WorkerError(.crashed, "the helper died during the call")
                : WorkerError(.timeout, "the helper took longer than callTimeout and was killed"))
    }

    /// Returns false at the end of the stream.
    private mutating func receive() -> Bool {
        let count = recv(self.process.socket, &self.buffer, self.buffer.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        self.buffer.withUnsafeBytes { self.parser.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return count > 0
    }

    private func send(_ kind: Frame.Kind, _ payload: [UInt8], until deadline: ContinuousClock.Instant) -> Bool {
        let header = Frame.header(kind, payloadBytes: payload.count)
        return self.send(header, until: deadline) && self.send(payload, until: deadline)
    }

    private func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(self.process.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                guard .now < deadline else { return false }
                _ = waitFor(descriptor: self.process.socket, events: POLLOUT, alarm: self.alarm, until: deadline)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
