import Foundation

/// Options of TCP sockets.
enum SocketOptions {
    // Small enough that "not writable" is known before seconds of audio have gone into the kernel.
    static let clientSendBufferBytes = 64 << 10
    private static let unsentLowWaterBytes: Int32 = 16 << 10

    /// For a stream that carries audio: no delay, little hidden in the kernel, and an end when nothing is acknowledged.
    static func prepare(_ descriptor: Int32, sendBufferBytes: Int, unacknowledged: Duration) {
        self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        self.set(descriptor, SOL_SOCKET, SO_SNDBUF, Int32(sendBufferBytes))
        self.set(descriptor, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, self.unsentLowWaterBytes)
        let milliseconds = unacknowledged / .milliseconds(1)
        self.set(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: Int(milliseconds)))
    }

    /// Time since the last byte of the peer arrived in the kernel.
    static func silence(of descriptor: Int32) -> Duration? {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 else { return nil }
        return .milliseconds(Int(info.tcpi_last_data_recv))
    }

    /// The peer gets a reset, and nothing that still waits to be sent.
    static func resetWhenClosed(_ descriptor: Int32) {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
