/// So many at once, the others in the order in which they came.
actor Slots {
    private var free: Int
    private var waiters: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    private var nextID = 0

    init(_ count: Int) { self.free = count }

    /// - Returns: false where the task was cancelled; then there is nothing to give back.
    func take() async -> Bool {
        if self.free > 0 {
            self.free -= 1
            return true
        }
        self.nextID += 1
        let id = self.nextID
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume(returning: false)
                } else {
                    self.waiters.append((id, continuation))
                }
            }
        } onCancel: {
            Task { await self.giveUp(id) }
        }
    }

    func giveBack() {
        guard !self.waiters.isEmpty else {
            self.free += 1
            return
        }
        self.waiters.removeFirst().continuation.resume(returning: true)
    }

    private func giveUp(_ id: Int) {
        guard let index = self.waiters.firstIndex(where: { $0.id == id }) else { return }
        self.waiters.remove(at: index).continuation.resume(returning: false)
    }
}
