import Glibc
import Workers

struct Refusal: Error, CustomStringConvertible {
    let description: String
}

/// Tries something that the sandbox forbids and answers with the error's name.
func attempt(_ call: () -> Int32) -> [UInt8] {
    errno = 0
    return call() < 0 ? Array("errno \(errno)".utf8) : Array("allowed".utf8)
}

/// A helper that behaves as its request says, for the tests of the pool.
WorkerMain.serve { request, emit in
    let words = String(decoding: request, as: UTF8.self).split(separator: " ").map(String.init)
    switch words.first {
    case "echo": _ = emit(Array(words.dropFirst().joined(separator: " ").utf8))
    case "count":
        for number in 0..<(Int(words[1]) ?? 0) where !emit(Array("\(number)".utf8)) { return }
    case "forever":
        while emit([UInt8](repeating: 7, count: 1_024)) { usleep(1_000) }
    case "refuse": throw Refusal(description: "not today")
    case "crash": abort()
    case "hang": while true { pause() }
    case "flood": while emit([UInt8](repeating: 0, count: 1 << 20)) {}
    case "socket": _ = emit(attempt { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) })
    case "write": _ = emit(attempt { open("/tmp/vaani-worker-double", O_WRONLY | O_CREAT, 0o600) })
    case "read": _ = emit(attempt { open("/etc/passwd", O_RDONLY) })
    case "fork": _ = emit(attempt { fork() })
    default: throw Refusal(description: "unknown request")
    }
}
