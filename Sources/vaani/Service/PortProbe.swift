import Foundation

/// Finds out before the start whether an address can be had, so that the reason can be told in one line.
///
/// The server shares its port among its event loops, and the kernel lets any process of the same user share it too: a
/// second `vaani serve` would silently take half of the connections.
enum PortProbe {
    /// - Throws: 69 where the port is taken, 77 where it needs permission, 78 where the address is not this machine's.
    static func check(_ address: ListenAddress) throws(CommandError) {
        guard address.port != 0 else { return }
        switch self.bindError(address) {
        case 0: return
        case EADDRINUSE:
            throw CommandError(
                .unavailable,
                "\(address.settingText) is in use by another program; stop it, or pick another with --listen \(Self.next(address))"
            )
        case EACCES, EPERM:
            throw CommandError(
                .noPermission, "\(address.settingText) may not be used: ports below 1024 need CAP_NET_BIND_SERVICE")
        case EADDRNOTAVAIL, nil:
            throw CommandError(.configuration, "listen: \(address.host) is no address of this machine")
        case .some(let number):
            throw CommandError(.unavailable, "\(address.settingText): \(String(cString: strerror(number)))")
        }
    }

    private static func next(_ address: ListenAddress) -> String {
        ListenAddress(host: address.host, port: address.port < 65_535 ? address.port + 1 : 0).settingText
    }

    /// The kernel's answer to a bind that shares with nobody; nil where the host has no address.
    private static func bindError(_ address: ListenAddress) -> Int32? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        defer { if let list { freeaddrinfo(list) } }
        guard getaddrinfo(address.host, String(address.port), &hints, &list) == 0, let found = list?.pointee else {
            return nil
        }
        let descriptor = socket(found.ai_family, found.ai_socktype, 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        // Connections of a predecessor that are still winding down do not matter; a listener does.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return bind(descriptor, found.ai_addr, found.ai_addrlen) == 0 ? 0 : errno
    }
}
