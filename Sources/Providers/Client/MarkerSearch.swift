/// Looks through all personas of the account for the one that carries a marker.
///
/// "There is none" has to be certain, because another one is made then: what cannot be looked at to its end is an error.
struct MarkerSearch {
    let marker: String
    let profile: ProviderProfile
    let line: ProviderLine
    let deadline: ContinuousClock.Instant

    func run() async throws(ProviderError) -> RemotePersona? {
        var walk = PageWalk(first: 1)
        var isMore = true
        while isMore {
            let page = try await self.page(walk.page)
            for fields in page {
                if let found = try await self.match(fields) { return found }
            }
            // What the provider counts is not believed here: a page more costs less than a second persona.
            isMore = walk.took(page.compactMap { RemotePersona($0)?.id }, total: nil)
        }
        guard !walk.isCut else { throw .tooMany }
        return nil
    }

    private func page(_ number: Int) async throws(ProviderError) -> [RemoteFields] {
        let query = [(self.profile.personaKind, "user"), ("limit", "\(PageWalk.size)"), ("page", "\(number)")]
        let answer = try await self.line.send(ProviderCall(self.profile.personasPath, query: query), by: self.deadline)
        guard let (items, _) = answer.list else { throw .malformed("no list") }
        return items
    }

    /// A list that leaves prompts out makes it ask for every persona.
    private func match(_ fields: RemoteFields) async throws(ProviderError) -> RemotePersona? {
        guard var persona = RemotePersona(fields) else { return nil }
        if !fields.has("system_prompt"), !self.carries(persona) {
            let call = try ProviderCall.one(self.profile.personasPath, persona.id)
            do throws(ProviderError) {
                let answer = try await self.line.send(call, by: self.deadline)
                guard let whole = answer.object.flatMap({ RemotePersona($0) }) else { throw .malformed("no id") }
                persona = whole
            } catch {
                guard error.code == .gone else { throw error }
            }
        }
        return self.carries(persona) ? persona : nil
    }

    /// In brackets, so that one marker that begins like another is not taken for it.
    private func carries(_ persona: RemotePersona) -> Bool {
        [persona.systemPrompt ?? "", persona.name].contains {
            $0.contains("[\(self.marker)]") || $0.contains("[\(self.marker):")
        }
    }
}

extension ProviderError {
    fileprivate static let tooMany = ProviderError(
        .unavailable, "the provider keeps more personas than can be looked through", disposition: .retry(after: nil))
}
