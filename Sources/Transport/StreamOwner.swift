import CLibWebSockets
import Foundation

/// A raw stream: bytes in, bytes out. Confined to its loop.
///
/// Plain streams are written with `send`, and what the kernel leaves is kept here. What the library encrypts has to go
/// through it; a remainder that libwebsockets keeps makes it stop reading, and spin while the peer has sent something,
/// so such a stream is not read until its remainder has left.
class StreamOwner: SocketOwner, @unchecked Sendable {
    let descriptor: Int32
    /// Whether the library encrypts what is written.
    let isEncrypted: Bool
    private var held: [UInt8] = []
    private var heldStart = 0
    private var isReadingWanted = true

    init(loop: EventLoop, descriptor: Int32, isEncrypted: Bool) {
        self.descriptor = descriptor
        self.isEncrypted = isEncrypted
        super.init(loop: loop)
    }

    /// Bytes that were taken by ``write(_:)`` and not by the kernel.
    var heldBytes: Int { self.held.count - self.heldStart }

    var hasHeld: Bool { self.heldBytes > 0 || self.libraryHolds }

    private var libraryHolds: Bool {
        guard self.isEncrypted, let connection = self.connection else { return false }
        return lws_partial_buffered(connection) != 0
    }

    /// Writes in order, keeping what the kernel does not take; false when the stream is broken.
    func write(_ bytes: UnsafeRawBufferPointer, after header: [UInt8] = [], masked mask: Mask? = nil) -> Bool {
        guard self.isAttached else { return false }
        if self.isEncrypted, let connection = self.connection {
            return self.writeEncrypted(header, bytes, connection)
        }
        guard !header.isEmpty else { return self.put(bytes) }
        return self.loop.scratch.withCopy(of: bytes, after: header, masked: mask) {
            self.put(UnsafeRawBufferPointer(start: $0, count: $1))
        }
    }

    /// Bytes as they go on the wire; a subclass that encrypts does so here.
    func put(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard self.heldBytes == 0 else {
            self.held.append(contentsOf: bytes)
            return true
        }
        return self.sendOrHold(bytes)
    }

    /// Says that nothing more will be written, where what encrypts has a word for it.
    func endOutput() {}

    private func sendOrHold(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let sent = self.send(bytes) else { return false }
        if sent < bytes.count {
            self.held.append(contentsOf: bytes[sent...])
            self.requestWritable()
        }
        return true
    }

    /// Writes more of what was kept; false when the stream is broken. Call when the stream is writable.
    func flushHeld() -> Bool {
        if self.isEncrypted { self.applyReading() }
        guard self.heldBytes > 0 else { return true }
        let sent = self.held.withUnsafeBytes { self.send(UnsafeRawBufferPointer(rebasing: $0[self.heldStart...])) }
        guard let sent else { return false }
        self.heldStart += sent
        if self.heldBytes == 0 {
            self.held = []
            self.heldStart = 0
        } else {
            self.requestWritable()
        }
        return true
    }

    override func setReading(_ isReading: Bool) {
        self.isReadingWanted = isReading
        self.applyReading()
    }

    private func applyReading() {
        super.setReading(self.isReadingWanted && !self.libraryHolds)
    }

    private func writeEncrypted(
        _ header: [UInt8], _ bytes: UnsafeRawBufferPointer, _ connection: OpaquePointer
    ) -> Bool {
        // On a raw stream this type of write adds nothing.
        let written = self.loop.scratch.withCopy(of: bytes, after: header) {
            lws_write(connection, $0, $1, LWS_WRITE_HTTP)
        }
        if self.libraryHolds {
            self.applyReading()
            self.requestWritable()
        }
        return written >= 0
    }

    /// How many bytes the kernel took; nil when the stream is broken.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !bytes.isEmpty else { return 0 }
        while true {
            let sent = Foundation.send(self.descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if sent >= 0 { return sent }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return nil
            }
        }
    }
}
