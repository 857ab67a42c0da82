import CLinux
import Glibc

/// Wakes a thread that waits in `poll`: an eventfd with one owner.
final class Alarm: Sendable {
    /// -1 when the process has no descriptor left; `poll` passes over it, and the thread looks again when its wait ends.
    let descriptor: Int32

    init() {
        self.descriptor = eventfd(0, vaani_eventfd_flags)
    }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
    }

    func ring() {
        _ = eventfd_write(self.descriptor, 1)
    }

    func silence() {
        var count: eventfd_t = 0
        _ = eventfd_read(self.descriptor, &count)
    }
}

/// Runs `body` on a thread of its own, which ends with it.
func runThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let status = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    precondition(status == 0, "the system gives no thread: \(status)")
    pthread_detach(thread)
}
