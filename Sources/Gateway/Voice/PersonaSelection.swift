import ClientProtocol
import Foundation
import Personas
import Sessions

/// Gives a session the persona that its client names, or the reason why not.
public struct PersonaSelection: Sendable {
    private let catalog: @Sendable () -> PersonaCatalog
    private let now: (@Sendable () -> Date)?

    /// - Parameters:
    ///   - now: the time against which opening hours are held; nil where they do not count.
    ///   - catalog: the personas in force.
    public init(now: (@Sendable () -> Date)?, catalog: @escaping @Sendable () -> PersonaCatalog) {
        self.catalog = catalog
        self.now = now
    }

    public func select(_ name: String, mode: String?) -> Result<CompiledPersona, PersonaRefusal> {
        let catalog = self.catalog()
        do throws(PersonaRefusalReason) {
            return .success(catalog.compile(try catalog.choose(name, at: self.now?()), mode: mode))
        } catch {
            return .failure(PersonaRefusal(error))
        }
    }
}

extension PersonaRefusal {
    init(_ reason: PersonaRefusalReason) {
        switch reason {
        case .notFound: self.init(.personaNotFound, "there is no persona of that id")
        case .inactive: self.init(.personaInactive, "this persona takes no calls at present")
        case .closed(let opensAt):
            self.init(
                .personaUnavailable, "this persona is outside its hours and opens at \(opensAt.formatted(.iso8601))")
        }
    }
}
