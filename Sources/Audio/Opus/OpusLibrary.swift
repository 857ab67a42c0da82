import COpus

enum OpusLibrary {
    /// libopus' own words for one of its codes.
    static func text(_ code: Int32) -> String {
        opus_strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
