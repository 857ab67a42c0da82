/// Which requests are meant.
struct RequestPattern: Sendable, Equatable {
    /// nil for every method.
    var method: String?
    /// A path, or the beginning of one and `*`.
    var path: String

    func matches(_ request: DoubleRequest) -> Bool {
        if let method, method != request.method { return false }
        guard self.path.hasSuffix("*") else { return request.path == self.path }
        return request.path.hasPrefix(self.path.dropLast())
    }
}
