/// Wakes a loop that rests. A ring while nobody rests is heard at the next rest.
actor SyncBell {
    private var isRung = false
    private var rest: Task<Void, Never>?

    func ring() {
        self.isRung = true
        self.rest?.cancel()
    }

    /// Returns after the duration, at a ring, or when the caller is cancelled.
    func wait(_ duration: Duration, _ sleep: @escaping @Sendable (Duration) async throws -> Void) async {
        defer { self.isRung = false }
        guard !self.isRung else { return }
        let rest = Task { _ = try? await sleep(duration) }
        self.rest = rest
        await withTaskCancellationHandler {
            await rest.value
        } onCancel: {
            rest.cancel()
        }
        self.rest = nil
    }
}
