import CTLS

/// Whom the TLS connections of clients trust. Confined to its loop.
final class TLSContext {
    let pointer: OpaquePointer

    /// - Parameter authorityFile: PEM file of the authorities to trust instead of the system's.
    init?(authorityFile: String?) {
        guard let pointer = SSL_CTX_new(TLS_client_method()) else { return nil }
        self.pointer = pointer
        let trusts =
            authorityFile.map { SSL_CTX_load_verify_locations(pointer, $0, nil) }
            ?? SSL_CTX_set_default_verify_paths(pointer)
        guard trusts == 1, vaani_tls_configure(pointer) == 1 else { return nil }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    }

    deinit {
        SSL_CTX_free(self.pointer)
    }
}
