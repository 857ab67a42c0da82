import CLibWebSockets
import Foundation

/// Tells which streams of a loop can be read or written: one epoll(7) set, which is itself one descriptor of the library.
///
/// The library asks poll(2) about all its descriptors in each turn; that was a fifth of a gateway's time with 200 users
/// and grows with their number. It keeps what it is good for: listeners, TLS, and the loop's own wake-up.
final class StreamPoller: SocketOwner, @unchecked Sendable {
    private struct Slot {
        var owner: SocketOwner?
        /// Tells events of a descriptor from those of one that had its number before.
        var generation: UInt32 = 0
        var interest: UInt32 = 0
    }

    private static let readable = UInt32(vaani_poll_in), writable = UInt32(vaani_poll_out)
    private static let broken = UInt32(vaani_poll_broken)

    private let descriptor: Int32
    /// By descriptor.
    private var slots: [Slot] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: LoopContext.serviceBufferBytes, alignment: 16)
    private var events = [vaani_poll_event](repeating: vaani_poll_event(), count: Int(vaani_poll_batch))

    /// nil if the kernel makes no set.
    init?(on loop: EventLoop) {
        self.descriptor = vaani_poll_create()
        guard self.descriptor >= 0 else { return nil }
        super.init(loop: loop)
    }

    deinit {
        self.buffer.deallocate()
        close(self.descriptor)
    }

    /// A descriptor for the library to wait on, which it will close.
    var copyForLibrary: Int32 { dup(self.descriptor) }

    /// Takes a non-blocking stream over, whose owner is told of what comes; false, and it is closed, if that fails.
    func add(_ owner: SocketOwner, _ descriptor: Int32) -> Bool {
        let index = Int(descriptor)
        if index >= self.slots.count { self.slots += Array(repeating: Slot(), count: index + 1 - self.slots.count) }
        self.slots[index].generation &+= 1
        self.slots[index].interest = Self.readable
        guard vaani_poll_add(self.descriptor, descriptor, Self.readable, self.token(descriptor)) == 0 else {
            close(descriptor)
            return false
        }
        self.slots[index].owner = owner
        owner.attach(self, descriptor)
        return true
    }

    func replaceOwner(of descriptor: Int32, with owner: SocketOwner) {
        self.slots[Int(descriptor)].owner = owner
        owner.attach(self, descriptor)
    }

    func setReading(_ isReading: Bool, _ descriptor: Int32) {
        let interest = self.slots[Int(descriptor)].interest
        self.setInterest(isReading ? interest | Self.readable : interest & ~Self.readable, descriptor)
    }

    /// Tells the owner once when the stream takes bytes.
    func requestWritable(_ descriptor: Int32) {
        self.setInterest(self.slots[Int(descriptor)].interest | Self.writable, descriptor)
    }

    /// Closes a stream, soon and outside of any call to its owner.
    func kill(_ descriptor: Int32) {
        let token = self.token(descriptor)
        self.loop.execute { if self.token(descriptor) == token { self.end(descriptor) } }
    }

    func endAll() {
        for index in self.slots.indices where self.slots[index].owner != nil { self.end(Int32(index)) }
    }

    // MARK: Events

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        guard reason == LWS_CALLBACK_RAW_RX_FILE else { return 0 }
        let count = vaani_poll_take(self.descriptor, &self.events)
        for index in 0..<max(0, Int(count)) {
            let event = self.events[index]
            self.take(event.ready, Int32(truncatingIfNeeded: event.token), event.token)
        }
        return 0
    }

    private func take(_ ready: UInt32, _ descriptor: Int32, _ token: UInt64) {
        guard self.isCurrent(descriptor, token) else { return }
        let interest = self.slots[Int(descriptor)].interest
        if ready & Self.readable & interest != 0 {
            guard self.read(descriptor) else { return self.end(descriptor) }
        }
        if ready & Self.writable & interest != 0, self.isCurrent(descriptor, token) {
            guard self.write(descriptor, token) else { return self.end(descriptor) }
        }
        // Nobody reads what would tell of the end.
        if ready & Self.broken != 0, ready & interest == 0, self.isCurrent(descriptor, token) { self.end(descriptor) }
    }

    private func isCurrent(_ descriptor: Int32, _ token: UInt64) -> Bool {
        self.token(descriptor) == token && self.slots[Int(descriptor)].owner != nil
    }

    /// False to close.
    private func read(_ descriptor: Int32) -> Bool {
        let count = recv(descriptor, self.buffer.baseAddress, self.buffer.count, 0)
        guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        return (self.slots[Int(descriptor)].owner?.handle(LWS_CALLBACK_RAW_RX, self.buffer.baseAddress, count) ?? -1)
            >= 0
    }

    /// False to close. Told once for each time that it was asked for.
    private func write(_ descriptor: Int32, _ token: UInt64) -> Bool {
        self.slots[Int(descriptor)].interest &= ~Self.writable
        let result = self.slots[Int(descriptor)].owner?.handle(LWS_CALLBACK_RAW_WRITEABLE, nil, 0) ?? -1
        // Still asked for as before, or no longer: the kernel hears of it once.
        if self.isCurrent(descriptor, token) { self.tellKernel(descriptor) }
        return result >= 0
    }

    private func end(_ descriptor: Int32) {
        guard let owner = self.slots[Int(descriptor)].owner else { return }
        _ = owner.handle(LWS_CALLBACK_RAW_CLOSE, nil, 0)
        self.slots[Int(descriptor)].owner = nil
        self.slots[Int(descriptor)].generation &+= 1
        _ = vaani_poll_remove(self.descriptor, descriptor)
        close(descriptor)
        owner.detach()
    }

    // MARK: The set

    private func setInterest(_ interest: UInt32, _ descriptor: Int32) {
        guard self.slots[Int(descriptor)].interest != interest else { return }
        self.slots[Int(descriptor)].interest = interest
        self.tellKernel(descriptor)
    }

    private func tellKernel(_ descriptor: Int32) {
        _ = vaani_poll_change(
            self.descriptor, descriptor, self.slots[Int(descriptor)].interest, self.token(descriptor))
    }

    private func token(_ descriptor: Int32) -> UInt64 {
        UInt64(self.slots[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    }
}
