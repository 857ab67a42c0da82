import JSON
import Providers
import Studio

/// The provider as routes see it, which may be none.
public struct ProviderAccess: Sendable {
    /// Personas exist here alone.
    public static let none = ProviderAccess(nil)

    private let provider: (any PersonaProvider)?
    /// What has personas made there; nil where they are only looked at.
    let orders: PersonaOrders?
    /// Whether users may have voices made.
    let clonesVoices: Bool

    public init(
        _ provider: (any PersonaProvider)?, orders: PersonaOrders? = nil, clonesVoices: Bool = false
    ) {
        self.provider = provider
        self.orders = orders
        self.clonesVoices = clonesVoices
    }

    /// - Throws: `notConfigured` where there is none.
    func required() throws(ProviderError) -> any PersonaProvider {
        guard let provider = self.provider else { throw .notConfigured }
        return provider
    }

    /// What of a persona the provider renames, moves or has no place for, and why it would take none of it; empty where
    /// there is no provider, or where it has nothing to do with a persona of which nobody has said anything.
    func warnings(_ persona: PersonaRecord) -> [String] {
        guard let provider = self.provider, persona.sync != nil || persona.config != .standard else { return [] }
        do throws(ProviderError) {
            return try provider.payload(for: persona.config, marker: "", truncates: true).warnings
        } catch {
            return ["\(error.field ?? "persona"): \(error.message)"]
        }
    }

    /// Documents by their ids, in that order; one that is there no more is told as such.
    func documents(_ ids: [String]) async throws -> [JSONValue] {
        guard !ids.isEmpty else { return [] }
        let provider = try self.required()
        return try await withThrowingTaskGroup(of: (Int, JSONValue).self) { group in
            for (place, id) in ids.enumerated() {
                group.addTask { (place, try await Self.document(id, provider)) }
            }
            var documents = [JSONValue](repeating: .null, count: ids.count)
            for try await (place, document) in group { documents[place] = document }
            return documents
        }
    }

    private static func document(
        _ id: String, _ provider: any PersonaProvider
    ) async throws(ProviderError) -> JSONValue {
        do throws(ProviderError) {
            return try await provider.document(id).attachedJSON
        } catch {
            guard error.code == .gone else { throw error }
            return ["id": .string(id), "name": .null, "tags": [], "created_at": .null, "status": "gone"]
        }
    }
}
