import Foundation

/// Finds out which process of this machine listens on a port.
enum Listener {
    /// nil if none does, or it belongs to somebody whose processes this user may not see.
    static func processID(port: Int) -> Int32? {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            self.inodes(port: port, table: (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
        }
        guard !inodes.isEmpty else { return nil }
        let names = Set(inodes.map { "socket:[\($0)]" })
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.lazy.compactMap { Int32($0) }.first { self.hasOpen(names, processID: $0) }
    }

    private static func hasOpen(_ names: Set<String>, processID: Int32) -> Bool {
        let folder = "/proc/\(processID)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return descriptors.contains { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")
            return target.map(names.contains) ?? false
        }
    }

    /// The sockets in a table of proc(5) `/proc/net/tcp` that listen (state 0A) on the port.
    static func inodes(port: Int, table: String) -> [String] {
        let suffix = ":" + String(format: "%04X", port)
        return table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" else { return nil }
            return String(fields[9])
        }
    }
}
