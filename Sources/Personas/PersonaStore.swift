import Synchronization

/// Holds the catalogue in force and replaces it as a whole.
public final class PersonaStore: Sendable {
    private let folder: String
    private let current: Mutex<PersonaCatalog>

    /// Reads the folder for the first time.
    ///
    /// - Throws: if there is no such folder, or nothing in it can be used. Entries that cannot be used are in `report`.
    public init(folder: String, report: inout ReloadReport) throws(PersonaProblem) {
        self.folder = folder
        let library = try PersonaLibrary(reading: folder)
        report = ReloadReport(loaded: library.personas.count, rejected: library.rejected, isInForce: true)
        guard !library.personas.isEmpty else {
            let reasons = library.rejected.map { ": \($0.id): \($0.reason)" }.first ?? ""
            throw PersonaProblem("no persona could be loaded from \(folder)\(reasons)")
        }
        self.current = Mutex(library.catalog)
    }

    public var catalog: PersonaCatalog { self.current.withLock { $0 } }

    /// Reads the folder again. A file that cannot be used at all leaves everything as it was; an entry that cannot be used is
    /// left out. Sessions keep the persona that they have.
    public func reload() -> ReloadReport {
        let library: PersonaLibrary
        do throws(PersonaProblem) {
            library = try PersonaLibrary(reading: self.folder)
        } catch {
            return ReloadReport(
                loaded: self.catalog.personas.count,
                rejected: [ReloadReport.Rejection(id: "personas", reason: error.description)], isInForce: false)
        }
        guard !library.isBroken, !library.personas.isEmpty else {
            return ReloadReport(loaded: self.catalog.personas.count, rejected: library.rejected, isInForce: false)
        }
        self.current.withLock { $0 = library.catalog }
        return ReloadReport(loaded: library.personas.count, rejected: library.rejected, isInForce: true)
    }
}

/// What came of reading the persona files.
public struct ReloadReport: Sendable, Equatable {
    public struct Rejection: Sendable, Equatable {
        /// The persona's id or alias, or the place in the files where it has none.
        public var id: String
        public var reason: String
    }

    /// Personas in force now.
    public var loaded: Int
    public var rejected: [Rejection]
    /// False where a file was broken and the old catalogue stays.
    public var isInForce: Bool

    public init(loaded: Int = 0, rejected: [Rejection] = [], isInForce: Bool = true) {
        self.loaded = loaded
        self.rejected = rejected
        self.isInForce = isInForce
    }
}
