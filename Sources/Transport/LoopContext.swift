import CLibWebSockets
import Foundation

/// A context of the library with what must stay at one address as long as it lives. Confined to its loop.
///
/// The loop engine is chosen here: the library's own `poll(2)` over a handful of descriptors, of which one stands for all
/// plain streams (see ``StreamPoller``) and one for the loop's next timer.
final class LoopContext {
    /// Making a context touches OpenSSL's process-wide state.
    private static let creation = NSLock()
    // A longer message leaves in several writes; each remainder is copied by the library.
    private static let sendBytes = 1 << 20
    static let serviceBufferBytes = 32 << 10

    let pointer: OpaquePointer
    private let protocols: UnsafeMutablePointer<lws_protocols>
    private let protocolName: UnsafeMutablePointer<CChar>
    let poller: StreamPoller
    private let alarm: AlarmSource
    private var clientContexts: [String: TLSContext] = [:]
    private var serverVHosts: [String: OpaquePointer] = [:]

    init?(loop: EventLoop, wakeDescriptor: Int32) {
        self.protocolName = strdup("vaani")
        self.protocols = .allocate(capacity: 2)
        self.protocols[0] = lws_protocols()
        self.protocols[0].name = UnsafePointer(self.protocolName)
        self.protocols[0].callback = { takeCallback($0, $1, $3, $4) }
        self.protocols[0].tx_packet_size = Self.sendBytes
        // A row of nothing ends the table.
        self.protocols[1] = lws_protocols()
        guard let poller = StreamPoller(on: loop), let alarm = AlarmSource(on: loop),
            let pointer = Self.makeContext(loop, self.protocols)
        else {
            Self.free(self.protocols, self.protocolName)
            return nil
        }
        self.poller = poller
        self.alarm = alarm
        self.pointer = pointer
        guard let plain = Self.makeVHost("plain", in: pointer, self.protocols, configure: { _ in }) else { return nil }
        self.serverVHosts[""] = plain
        let wake = WakeSource(loop: loop, descriptor: wakeDescriptor)
        let watched: [(SocketOwner, Int32)] = [
            (wake, dup(wakeDescriptor)), (poller, poller.copyForLibrary), (alarm, alarm.copyForLibrary),
        ]
        for (owner, descriptor) in watched {
            // The library closes its copy.
            loop.keep(owner)
            guard vaani_lws_adopt_file(plain, descriptor, Unmanaged.passUnretained(owner).toOpaque()) != nil else {
                return nil
            }
        }
    }

    private static func makeContext(
        _ loop: EventLoop, _ protocols: UnsafeMutablePointer<lws_protocols>
    ) -> OpaquePointer? {
        var info = lws_context_creation_info()
        info.port = CONTEXT_PORT_NO_LISTEN_SERVER
        info.protocols = UnsafePointer(protocols)
        info.options =
            UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT) | UInt64(LWS_SERVER_OPTION_EXPLICIT_VHOSTS)
        info.pt_serv_buf_size = UInt32(self.serviceBufferBytes)
        info.max_http_header_data = 16 << 10
        info.timeout_secs = 10
        info.user = Unmanaged.passUnretained(loop).toOpaque()
        LibraryLog.install()
        return self.creation.withLock { lws_create_context(&info) }
    }

    private static func makeVHost(
        _ name: String, in context: OpaquePointer, _ protocols: UnsafeMutablePointer<lws_protocols>,
        configure: (inout lws_context_creation_info) -> Void
    ) -> OpaquePointer? {
        name.withCString { name in
            "http/1.1".withCString { alpn in
                var info = lws_context_creation_info()
                info.port = CONTEXT_PORT_NO_LISTEN_SERVER
                info.protocols = UnsafePointer(protocols)
                info.vhost_name = name
                info.alpn = alpn
                info.timeout_secs = 10
                configure(&info)
                return self.creation.withLock { lws_create_vhost(context, &info) }
            }
        }
    }

    /// One turn: due timers, then ready sockets; waits for either when told to.
    func serve(waiting: Bool) {
        lws_service(self.pointer, waiting ? 0 : -1)
    }

    func ring(after delay: Duration) {
        self.alarm.ring(after: delay)
    }

    /// Trusts the system's authorities, or those of one PEM file.
    func clientTLS(authorityFile: String?) -> TLSContext? {
        let key = authorityFile ?? "<system>"
        if let known = self.clientContexts[key] { return known }
        let made = TLSContext(authorityFile: authorityFile)
        self.clientContexts[key] = made
        return made
    }

    var plainVHost: OpaquePointer? { self.serverVHosts[""] }

    /// The vhost that decrypts with a certificate, or the plain one.
    func serverVHost(_ tls: ServerConfiguration.TLS?) -> OpaquePointer? {
        guard let tls else { return self.plainVHost }
        let key = "\(tls.certificateFile)\n\(tls.keyFile)"
        if let known = self.serverVHosts[key] { return known }
        let made = tls.certificateFile.withCString { certificate in
            tls.keyFile.withCString { keyFile in
                Self.makeVHost("tls-\(self.serverVHosts.count)", in: self.pointer, self.protocols) { info in
                    info.options = UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
                    info.ssl_cert_filepath = certificate
                    info.ssl_private_key_filepath = keyFile
                }
            }
        }
        self.serverVHosts[key] = made
        return made
    }

    func destroy() {
        self.poller.endAll()
        Self.creation.withLock { lws_context_destroy(self.pointer) }
        Self.free(self.protocols, self.protocolName)
    }

    private static func free(
        _ protocols: UnsafeMutablePointer<lws_protocols>, _ name: UnsafeMutablePointer<CChar>
    ) {
        protocols.deallocate()
        Foundation.free(name)
    }
}

/// The loop's next timer as a descriptor: the library rounds what it waits for down to milliseconds, and spins through
/// the rest.
private final class AlarmSource: SocketOwner, @unchecked Sendable {
    private let descriptor: Int32

    /// nil if the kernel makes no timer.
    init?(on loop: EventLoop) {
        self.descriptor = vaani_timer_create()
        guard self.descriptor >= 0 else { return nil }
        super.init(loop: loop)
    }

    deinit {
        close(self.descriptor)
    }

    /// A descriptor for the library to wait on, which it will close.
    var copyForLibrary: Int32 { dup(self.descriptor) }

    func ring(after delay: Duration) {
        let (seconds, attoseconds) = delay.components
        _ = vaani_timer_set(self.descriptor, max(1, seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        guard reason == LWS_CALLBACK_RAW_RX_FILE else { return 0 }
        var value: UInt64 = 0
        _ = read(self.descriptor, &value, 8)
        self.loop.alarmRang()
        return 0
    }
}

/// The loop's own eventfd, through which other threads wake it.
private final class WakeSource: SocketOwner, @unchecked Sendable {
    private let descriptor: Int32

    init(loop: EventLoop, descriptor: Int32) {
        self.descriptor = descriptor
        super.init(loop: loop)
    }

    override func handle(_ reason: lws_callback_reasons, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int32 {
        guard reason == LWS_CALLBACK_RAW_RX_FILE else { return 0 }
        var value: UInt64 = 0
        _ = read(self.descriptor, &value, 8)
        self.loop.collectMail()
        return 0
    }
}
