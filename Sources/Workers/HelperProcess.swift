import CLinux
import Glibc

/// A running helper and our end of its socket. Letting go of it kills and reaps the process.
struct HelperProcess: ~Copyable {
    /// The descriptor on which a helper finds its end.
    static let helperDescriptor: Int32 = 3

    /// What a helper may know of our environment. Keys and passwords stay out of a process that reads untrusted bytes.
    private static let passedOn = ["PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "ESPEAK_DATA_PATH"]

    let processID: pid_t
    let socket: Int32

    init(executable: String, arguments: [String]) throws(WorkerError) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else {
            throw WorkerError(.unavailable, "socketpair: \(Self.text(of: errno))")
        }
        defer { close(pair[1]) }
        var processID: pid_t = 0
        let status = Self.spawn(executable, arguments, theirEnd: pair[1], &processID)
        guard status == 0 else {
            close(pair[0])
            throw WorkerError(.unavailable, "start of \(executable): \(Self.text(of: status))")
        }
        self.processID = processID
        self.socket = pair[0]
        _ = fcntl(self.socket, F_SETFL, O_NONBLOCK)
    }

    deinit {
        // Not reaped yet, so the id is still that process's.
        kill(self.processID, SIGKILL)
        var status: Int32 = 0
        while waitpid(self.processID, &status, 0) == -1, errno == EINTR {}
        close(self.socket)
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], theirEnd: Int32, _ processID: inout pid_t
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, theirEnd, Self.helperDescriptor)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, Self.helperDescriptor + 1)
        var attributes = Self.defaultSignals()
        defer { posix_spawnattr_destroy(&attributes) }
        return Self.withCStrings([executable] + arguments) { argv in
            Self.withCStrings(Self.environment) { environment in
                posix_spawn(&processID, executable, &actions, &attributes, argv, environment)
            }
        }
    }

    /// A helper starts with no signal blocked or ignored, whatever our threads do.
    private static func defaultSignals() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return attributes
    }

    private static var environment: [String] {
        self.passedOn.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array that ends in nil is not empty") }
            return body(base)
        }
    }

    static func text(of status: Int32) -> String { String(cString: strerror(status)) }
}
