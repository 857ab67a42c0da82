import CTLS

/// One TLS connection of a client, between bytes in memory and bytes in memory. Confined to its loop.
///
/// libwebsockets 4.1.6 cannot do it for a raw client: it begins the handshake before there is a socket.
final class TLSSession {
    enum Progress: Equatable {
        case established
        /// The peer's turn.
        case waiting
        case failed(String)
    }

    enum Reading: Equatable {
        case bytes(Int)
        case nothing
        /// The peer is done, or what it sent cannot be trusted.
        case end
    }

    /// A record holds at most so much.
    static let recordBytes = 16 << 10

    private let session: OpaquePointer
    // Owned by the session.
    private let input: OpaquePointer
    private let output: OpaquePointer
    private(set) var isEstablished = false

    /// - Parameter host: the name, or numeric address, that the certificate has to be for.
    init?(_ context: TLSContext, host: String) {
        guard let session = SSL_new(context.pointer) else { return nil }
        self.session = session
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            return nil
        }
        (self.input, self.output) = (input, output)
        SSL_set_bio(session, input, output)
        SSL_set_connect_state(session)
        let alpn: [UInt8] = [8] + Array("http/1.1".utf8)
        guard Self.expect(host, of: session), SSL_set_alpn_protos(session, alpn, UInt32(alpn.count)) == 0 else {
            return nil
        }
    }

    deinit {
        SSL_free(self.session)
    }

    /// Sets whose certificate is right, and asks for it by name.
    private static func expect(_ host: String, of session: OpaquePointer) -> Bool {
        guard !NumericAddress.isNumeric(host) else {
            return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host) == 1
        }
        SSL_set_hostflags(session, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return SSL_set1_host(session, host) == 1 && vaani_tls_set_server_name(session, host) == 1
    }

    /// Goes on with the handshake as far as the peer's bytes allow. What it has to say is in the output.
    func handshake() -> Progress {
        ERR_clear_error()
        let result = SSL_do_handshake(self.session)
        guard result != 1 else {
            self.isEstablished = true
            return .established
        }
        return SSL_get_error(self.session, result) == SSL_ERROR_WANT_READ ? .waiting : .failed(self.fault)
    }

    private var fault: String {
        let verdict = SSL_get_verify_result(self.session)
        if verdict != X509_V_OK { return "certificate: \(String(cString: X509_verify_cert_error_string(verdict)))" }
        guard let reason = ERR_reason_error_string(ERR_peek_error()) else { return "TLS handshake failed" }
        return "TLS: \(String(cString: reason))"
    }

    /// Takes bytes of the peer; false when there is no memory for them.
    func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return true }
        return BIO_write(self.input, bytes.baseAddress, Int32(bytes.count)) == Int32(bytes.count)
    }

    /// Decrypts what was fed.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        ERR_clear_error()
        let count = SSL_read(self.session, buffer.baseAddress, Int32(buffer.count))
        guard count <= 0 else { return .bytes(Int(count)) }
        return SSL_get_error(self.session, count) == SSL_ERROR_WANT_READ ? .nothing : .end
    }

    /// Encrypts to the output, which takes everything; false when the session is broken.
    func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return true }
        ERR_clear_error()
        var written = 0
        return SSL_write_ex(self.session, bytes.baseAddress, bytes.count, &written) == 1 && written == bytes.count
    }

    /// Says that nothing more will be written.
    func end() {
        ERR_clear_error()
        SSL_shutdown(self.session)
    }

    /// Hands the output on in pieces; false when `body` refused one.
    func drainOutput(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Self.recordBytes + 512, alignment: 16) { buffer in
            while case let count = BIO_read(self.output, buffer.baseAddress, Int32(buffer.count)), count > 0 {
                guard body(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)])) else { return false }
            }
            return true
        }
    }
}
