import Foundation

/// What the operating system grants this process.
enum ProcessLimits {
    /// As many descriptors as may be had, and no core files: a dump would hold keys and voices.
    static func prepare() {
        var limit = Self.openFiles
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }

    private static var openFiles: rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }

    /// Refuses what would fail half way up, for want of descriptors.
    static func requireDescriptors(forUsers users: Int) throws(CommandError) {
        if let refusal = self.refusal(users: users, limit: UInt64(Self.openFiles.rlim_cur)) {
            throw CommandError(.noPermission, refusal)
        }
    }

    /// A descriptor for each user and some for everything else.
    static func refusal(users: Int, limit: UInt64) -> String? {
        let needed = UInt64(users) + 64
        guard needed > limit else { return nil }
        return """
            \(users) users need \(needed) open files and this process may have \(limit); raise the hard limit \
            (ulimit -Hn \(needed), or LimitNOFILE) or take fewer users
            """
    }
}
