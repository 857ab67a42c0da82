import JSON

// What a user has, without a change to it.
extension InterviewService {
    public func session(_ user: String, _ id: InterviewID) async throws(InterviewError) -> Step {
        let machine = try await self.finding { () async throws(InterviewError) in
            try await self.store.read(user) { profile throws(InterviewError) in
                InterviewMachine(try profile.session(id))
            }
        }
        return self.step(machine)
    }

    /// The newest last.
    public func sessions(_ user: String) async throws(InterviewError) -> JSONValue {
        let index = try await self.reading(user, InterviewIndex()) { profile throws(InterviewError) in
            try profile.index()
        }
        return JSONFile.json(index)
    }

    public func summary(_ user: String, _ id: InterviewID) async throws(InterviewError) -> JSONValue {
        let bytes = try await self.finding { () async throws(InterviewError) in
            try await self.store.read(user) { profile throws(InterviewError) in try profile.summary(id) }
        }
        return (try? JSONValue(parsing: bytes)) ?? .null
    }

    /// The transcript as a role may read it.
    ///
    /// - Throws: `forbidden` for a role that may not.
    public func transcript(
        _ user: String, _ id: InterviewID, as role: String
    ) async throws(InterviewError) -> Transcript {
        try self.roles.requireInterviews(role)
        return try await self.session(user, id).session.transcript
    }

    /// The interview that is going on; nil where there is none.
    public func active(_ user: String) async throws(InterviewError) -> Step? {
        let session = try await self.reading(user, nil) { profile throws(InterviewError) in try profile.active() }
        return session.map { self.step(InterviewMachine($0)) }
    }

    /// What a user has, or `nothing` where there is not even a directory.
    func reading<Value: Sendable>(
        _ user: String, _ nothing: Value, _ body: @escaping @Sendable (Profile) throws(InterviewError) -> Value
    ) async throws(InterviewError) -> Value {
        do throws(InterviewError) {
            return try await self.store.read(user, body)
        } catch {
            guard error.code == .notFound else { throw error }
            return nothing
        }
    }

    /// A user without a directory has no interview either.
    private func finding<Value>(
        _ body: () async throws(InterviewError) -> Value
    ) async throws(InterviewError) -> Value {
        do throws(InterviewError) {
            return try await body()
        } catch {
            throw error.code == .notFound && error.message == "there is no such file" ? .noSuchInterview : error
        }
    }
}
