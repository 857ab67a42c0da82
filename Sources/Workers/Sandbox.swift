import CLinux
import CSeccomp
import Glibc

/// What a helper gives up before it reads its first untrusted byte.
public struct Sandbox: Sendable {
    public enum Files: Sendable {
        /// No file can be opened any more.
        case none
        /// Files can be opened for reading: data that a library loads on demand.
        case readOnly
    }

    public var files: Files
    /// Address space of the whole process.
    public var maxMemoryBytes: Int
    /// Descriptors, the three standard ones and the socket among them.
    public var maxOpenFiles: Int

    public init(files: Files = .none, maxMemoryBytes: Int = 1 << 30, maxOpenFiles: Int = 16) {
        self.files = files
        self.maxMemoryBytes = maxMemoryBytes
        self.maxOpenFiles = maxOpenFiles
    }

    /// What computing, answering and dying take. Everything else (sockets, exec, fork, ptrace, mounts …) fails with EPERM.
    private static let allowed = [
        "read", "write", "readv", "writev", "pread64", "close", "lseek", "fstat", "newfstatat", "stat", "lstat",
        "statx", "access", "faccessat", "getdents64", "fcntl", "poll", "ppoll",
        "mmap", "munmap", "mremap", "madvise", "mprotect", "brk", "futex", "sched_yield", "sched_getaffinity",
        "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom",
        "getpid", "getppid", "gettid", "getrlimit", "getrusage", "prlimit64", "uname", "sysinfo",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "tgkill", "restart_syscall",
        "set_robust_list", "rseq", "exit", "exit_group",
    ]

    /// - Throws: `WorkerError` if the system refuses a limit; the helper must then not go on.
    func enter() throws(WorkerError) {
        try self.check(vaani_die_with_parent(), "PR_SET_PDEATHSIG")
        try self.limit(RLIMIT_AS, self.maxMemoryBytes, "RLIMIT_AS")
        try self.limit(RLIMIT_NOFILE, self.maxOpenFiles, "RLIMIT_NOFILE")
        try self.limit(RLIMIT_CORE, 0, "RLIMIT_CORE")
        try self.limit(RLIMIT_FSIZE, 0, "RLIMIT_FSIZE")
        try self.check(vaani_renounce_privileges(), "PR_SET_NO_NEW_PRIVS")
        try self.filterSystemCalls()
    }

    private func limit(_ resource: __rlimit_resource, _ value: Int, _ name: String) throws(WorkerError) {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        try self.check(setrlimit(__rlimit_resource_t(resource.rawValue), &limit), name)
    }

    private func check(_ status: Int32, _ name: String) throws(WorkerError) {
        guard status != 0 else { return }
        throw WorkerError(.unavailable, "\(name): \(HelperProcess.text(of: errno))")
    }

    private func filterSystemCalls() throws(WorkerError) {
        // SCMP_ACT_ERRNO(EPERM) and SCMP_ACT_ALLOW, whose macros do not reach Swift.
        guard let filter = seccomp_init(0x0005_0000 | UInt32(EPERM)) else {
            throw WorkerError(.unavailable, "seccomp_init has no memory")
        }
        defer { seccomp_release(filter) }
        for name in Self.allowed { try self.allow(name, [], in: filter) }
        if self.files == .readOnly {
            try self.allow("openat", [Self.readsOnly(argument: 2)], in: filter)
            try self.allow("open", [Self.readsOnly(argument: 1)], in: filter)
        }
        let status = seccomp_load(filter)
        guard status == 0 else {
            throw WorkerError(.unavailable, "seccomp_load: \(HelperProcess.text(of: -status))")
        }
    }

    private func allow(
        _ name: String, _ conditions: [scmp_arg_cmp], in filter: scmp_filter_ctx
    ) throws(WorkerError) {
        let number = seccomp_syscall_resolve_name(name)
        guard number >= 0 else { return }  // this architecture has no such call
        let status = seccomp_rule_add_array(filter, 0x7FFF_0000, number, UInt32(conditions.count), conditions)
        guard status == 0 else {
            throw WorkerError(.unavailable, "seccomp rule for \(name): \(HelperProcess.text(of: -status))")
        }
    }

    private static func readsOnly(argument: UInt32) -> scmp_arg_cmp {
        let mask = UInt64(O_ACCMODE | O_CREAT | O_TRUNC)
        return scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: UInt64(O_RDONLY))
    }
}
