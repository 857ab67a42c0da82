extension PromptJob {
    /// One persona of a job.
    public struct Item: Sendable, Equatable {
        public enum Status: String, Sendable {
            case waiting, processing, completed, failed
        }

        public let personaID: String
        public let modes: [GenerationMode]
        public var status = Status.waiting
        /// From 1; 0 before the first.
        public var attempt = 0
        public var error: String?
        /// Unicode scalars.
        public var promptLength: Int?
        public var personaName: String?

        public init(personaID: String, modes: [GenerationMode]) {
            self.personaID = personaID
            self.modes = modes
        }

        public var isOver: Bool { self.status == .completed || self.status == .failed }

        /// The mode that the outside is told: assess stands for try as well.
        public var mode: GenerationMode { self.modes.contains(.assess) ? .assess : self.modes.first ?? .assess }
    }
}
