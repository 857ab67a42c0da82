import Foundation
import Studio
import Testing

@Suite struct SyncStateTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)
    private static let failure = SyncState.Failure(code: "provider_refused", message: "the replica is not known")

    @Test func `S0-7 no step is taken that does not exist, whatever is asked`() {
        let edges: Set<[SyncStatus]> = [
            [.queued, .processing], [.processing, .ready], [.queued, .error], [.processing, .error], [.error, .queued],
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var state = SyncState(queuedAt: Self.start)
            for step in 0..<50 {
                let before = state.status
                let next = SyncStatus.allCases.randomElement(using: &generator) ?? .queued
                state.advance(
                    to: next, at: Self.start + Double(step), failure: next == .error ? Self.failure : nil)
                #expect(state.status == before || edges.contains([before, state.status]))
                #expect((state.status == .error) == (state.failure != nil))
            }
        }
    }

    @Test func `S0-6 an error always has a reason, and nothing else has one`() {
        var state = SyncState(queuedAt: Self.start)
        state.advance(to: .error, at: Self.start, failure: .init(code: "x", message: ""))
        #expect(state.failure?.message.isEmpty == false)
        state.advance(to: .queued, at: Self.start)
        #expect(state.failure == nil)
        let stored = SyncState(
            stored: .ready, failure: Self.failure, lastStatusAt: Self.start, source: .derived, remoteID: "p1",
            attempts: 1)
        #expect(stored.failure == nil)
    }

    @Test func `the time of the last status is when it changed, not when it was looked at`() {
        var state = SyncState(queuedAt: Self.start)
        state.advance(to: .queued, at: Self.start + 5)
        #expect(state.lastStatusAt == Self.start)
        state.advance(to: .processing, at: Self.start + 9)
        #expect(state.lastStatusAt == Self.start + 9)
    }

    @Test func `a step that does not exist changes nothing`() {
        var state = SyncState(queuedAt: Self.start)
        let moved = state.advance(to: .ready, at: Self.start + 1)
        #expect(!moved)
        #expect(state == SyncState(queuedAt: Self.start))
    }
}

@Suite struct RecordIDTests {
    @Test func `new ids are legal and all different`() {
        let ids = (0..<1_000).map { _ in RecordID.new("scn") }
        #expect(Set(ids).count == 1_000)
        #expect(ids.allSatisfy { RecordID($0.rawValue) != nil && $0.rawValue.hasPrefix("scn_") })
    }

    @Test(arguments: ["", "a b", "a/b", "ä", String(repeating: "a", count: 129), "a\u{0}"])
    func `what is no id is none`(text: String) {
        #expect(RecordID(text) == nil)
    }

    @Test(arguments: ["", ".", "12", "x.scn_1", "12.", "12.a b", "9999999999999999999999.a"])
    func `what is no mark of a page is none`(text: String) {
        #expect(PageMark(text) == nil)
    }

    @Test func `a mark reads its own text`() {
        let mark = PageMark(createdAt: 1_800_000_000_123, id: "scn_1.2")
        #expect(PageMark(mark.text) == mark)
    }
}
