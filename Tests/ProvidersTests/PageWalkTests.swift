import Foundation
import Testing

@testable import Providers

@Suite struct PageWalkTests {
    @Test func `a list is walked until its count is reached`() {
        var walk = PageWalk(first: 0)
        #expect(walk.took(["a", "b"], total: 3) && walk.page == 1)
        #expect(!walk.took(["c"], total: 3) && !walk.isCut)
    }

    @Test func `a list without a count is walked until a page brings nothing new`() {
        var walk = PageWalk(first: 1)
        #expect(walk.took(["a"], total: nil) && walk.page == 2)
        #expect(!walk.took(["a"], total: nil) && !walk.isCut)
    }

    @Test func `a list that only grows is cut`() {
        var walk = PageWalk(first: 1)
        var pages = 1
        while walk.took(["\(pages)"], total: 1_000_000) { pages += 1 }
        #expect(pages == PageWalk.maxPages && walk.isCut)
    }

    @Test(arguments: [
        ("2026-01-02T03:04:05Z", 1_767_323_045), ("2026-01-02T03:04:05.500Z", 1_767_323_045.5),
        ("2026-01-02 03:04:05", 1_767_323_045), ("2026-07-14T17:00:00.000000", 1_784_048_400),
        ("2026-01-02T08:34:05+05:30", 1_767_323_045),
    ])
    func `times are read with and without fractions and zones`(text: String, seconds: Double) {
        #expect(RemoteTime.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: ["", "now", "2026-13-02T03:04:05Z", "2026-01-02", "2026-01-02T03:04:05.Z!", "१२३४-०१-०२T०३:०४:०५"])
    func `what is no time is none`(text: String) {
        #expect(RemoteTime.date(text) == nil)
    }
}
