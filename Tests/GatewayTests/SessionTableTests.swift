import Testing

@testable import Gateway

@Suite struct SessionTableTests {
    private static let tara = user("tara"), ravi = user("ravi")

    private static func user(_ name: String) -> UserID {
        guard let id = UserID(name) else { preconditionFailure("\(name) is no user id") }
        return id
    }

    private func table(sessions: Int = 10, perUser: Int = 2) -> SessionTable<Int> {
        SessionTable(limits: .init(sessions: sessions, sessionsPerUser: perUser))
    }

    @Test func `a phone's second connection takes the place of the first`() {
        var table = self.table()
        #expect(table.add(1, user: Self.tara, flavour: .mobile) == [])
        #expect(table.add(2, user: Self.tara, flavour: .mobile) == [1])
        table.remove(1)
        #expect(table.add(3, user: Self.tara, flavour: .mobile) == [2])
    }

    @Test func `connections of two users, and of a phone and a page, leave each other alone`() {
        var table = self.table()
        #expect(table.add(1, user: Self.tara, flavour: .mobile) == [])
        #expect(table.add(2, user: Self.ravi, flavour: .mobile) == [])
        #expect(table.add(3, user: Self.tara, flavour: .web) == [])
        #expect(table.add(4, user: Self.tara, flavour: .mobile) == [1])
        #expect(table.count == 4)
    }

    @Test func `pages of one user are let in up to the limit`() {
        var table = self.table(perUser: 2)
        for key in 1...2 {
            #expect(table.refusal(user: Self.tara, flavour: .web) == nil)
            _ = table.add(key, user: Self.tara, flavour: .web)
        }
        #expect(table.refusal(user: Self.tara, flavour: .web) == .tooManyOfUser)
        #expect(table.refusal(user: Self.ravi, flavour: .web) == nil)
        #expect(table.refusal(user: Self.tara, flavour: .mobile) == nil)
        table.remove(1)
        #expect(table.refusal(user: Self.tara, flavour: .web) == nil)
    }

    @Test func `a full table refuses newcomers but not a phone that comes back`() {
        var table = self.table(sessions: 1)
        _ = table.add(1, user: Self.tara, flavour: .mobile)
        #expect(table.refusal(user: Self.ravi, flavour: .mobile) == .full)
        #expect(table.refusal(user: Self.tara, flavour: .mobile) == nil)
    }

    @Test func `draining refuses everyone and names what is open`() {
        var table = self.table()
        _ = table.add(1, user: Self.tara, flavour: .mobile)
        _ = table.add(2, user: Self.ravi, flavour: .web)
        #expect(Set(table.drain()) == [1, 2])
        #expect(table.refusal(user: Self.tara, flavour: .mobile) == .draining)
    }

    @Test func `a connection leaves once, and leaves nothing behind`() {
        var table = self.table()
        _ = table.add(1, user: Self.tara, flavour: .web)
        let removals = [table.remove(1), table.remove(1)]
        #expect(removals == [true, false])
        #expect(table.count == 0)
        #expect(table.add(2, user: Self.tara, flavour: .mobile) == [])
    }
}
