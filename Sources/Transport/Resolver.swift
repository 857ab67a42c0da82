import CLibWebSockets
import Foundation
import Synchronization

/// Finds the addresses of names on threads of its own: a dead name server holds `getaddrinfo` for ten seconds, and
/// libwebsockets would spend them on the event loop.
final class Resolver: Sendable {
    private struct Request: Sendable {
        let host: String
        let port: Int
        let deadline: ContinuousClock.Instant
        let answer: @Sendable (Result<[String], TransportError>) -> Void
    }

    private struct State {
        var waiting: [Request] = []
        var threads = 0
    }

    // Eight names may hang at once; more than that many waiting is a dead resolver, and the caller hears so.
    private static let maxThreads = 8
    private static let maxWaiting = 256
    private let state = Mutex(State())
    private let lookUp: @Sendable (_ host: String, _ port: Int) -> Result<[String], TransportError>

    /// - Parameter lookUp: asks the system, and may block for as long as it likes.
    init(
        lookUp: @escaping @Sendable (_ host: String, _ port: Int) -> Result<[String], TransportError> = {
            Resolver.ask($0, $1)
        }
    ) {
        self.lookUp = lookUp
    }

    /// Numeric addresses of `host`, in the system's order. `answer` is called once, on any thread.
    func resolve(
        host: String, port: Int, deadline: ContinuousClock.Instant,
        answer: @escaping @Sendable (Result<[String], TransportError>) -> Void
    ) {
        let request = Request(host: host, port: port, deadline: deadline, answer: answer)
        let (isKept, needsThread) = self.state.withLock { state in
            guard state.waiting.count < Self.maxWaiting else { return (false, false) }
            state.waiting.append(request)
            guard state.threads < Self.maxThreads else { return (true, false) }
            state.threads += 1
            return (true, true)
        }
        if needsThread { Thread.detachNewThread { self.work() } }
        if !isKept { answer(.failure(Self.busy)) }
    }

    private static let busy = TransportError(
        .nameNotResolved, "\(Resolver.maxWaiting) names wait for the resolver", isRetriable: true)

    private func work() {
        while let request = self.next() {
            guard request.deadline > .now else {
                request.answer(.failure(Self.timedOut(request.host)))
                continue
            }
            request.answer(self.lookUp(request.host, request.port))
        }
    }

    private func next() -> Request? {
        self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }

    static func timedOut(_ host: String) -> TransportError {
        TransportError(.nameNotResolved, "no answer for the name \(host) in time", isRetriable: true)
    }

    private static func ask(_ host: String, _ port: Int) -> Result<[String], TransportError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let text = String(cString: gai_strerror(status))
            return .failure(
                TransportError(.nameNotResolved, "the name \(host): \(text)", isRetriable: status != EAI_NONAME)
            )
        }
        var addresses: [String] = []
        for entry in sequence(first: list, next: { $0?.pointee.ai_next }).prefix(while: { $0 != nil }) {
            guard let entry, let numeric = NumericAddress.text(entry.pointee.ai_addr, entry.pointee.ai_addrlen),
                !addresses.contains(numeric)
            else { continue }
            addresses.append(numeric)
        }
        return .success(addresses)
    }
}

/// Addresses as digits.
enum NumericAddress {
    static func text(_ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> String? {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = getnameinfo(address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        guard status == 0 else { return nil }
        return String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func isNumeric(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    /// The peer of a connected socket: IPv4 in IPv6 is shown as IPv4.
    static func peer(of descriptor: Int32) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let text = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> String? in
                guard getpeername(descriptor, address, &length) == 0 else { return nil }
                return self.text(address, length)
            }
        }
        guard let text else { return "" }
        return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }
}
