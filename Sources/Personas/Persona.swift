import JSON

/// Someone whom a user can talk to, as its author wrote it.
public struct Persona: Sendable, Equatable {
    public var id: PersonaID
    public var kind: PersonaKind
    public var name: String
    /// An astrologer's speciality, a scenario's title.
    public var field: String
    public var language: Language
    public var gender: Gender?
    /// As authored: not necessarily a voice that a model accepts.
    public var voiceID: String?
    /// A sentence or two for a list; never part of the prompt.
    public var card: String
    public var systemPrompt: String
    public var greeting: String?
    public var keywords: [String]
    /// What the persona may ask, in its language.
    public var questions: [String]
    /// What it says when a question is outside its field, in its language.
    public var steerBack: String?
    public var status: String
    public var tone: String
    public var consultationStyle: ConsultationStyle
    public var pricing: Pricing?
    public var availability: Availability?
    /// Who decides that the user's turn is over, when the microphone is live.
    public var turnDetection = CompiledPersona.TurnDetection.serverVAD
    /// It says what the user says, and no model has to do with it.
    public var isEcho = false
    /// Another prompt or greeting in place of the persona's own, by the mode that a client names.
    public var modes: [String: Mode]
    /// The whole entry with every key, also those that nobody here knows.
    public var document: [String: JSONValue]

    public var isActive: Bool { self.status.lowercased() == "active" }
}

extension Persona {
    /// A persona that is in no file.
    public init(
        id: PersonaID, kind: PersonaKind, name: String, field: String, language: Language, systemPrompt: String
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.field = field
        self.language = language
        self.card = ""
        self.systemPrompt = systemPrompt
        self.keywords = []
        self.questions = []
        self.status = "active"
        self.tone = "natural"
        self.consultationStyle = ConsultationStyle()
        self.modes = [:]
        self.document = [:]
    }

    /// How it holds a conversation; each part that is set becomes a line of the instructions.
    public struct ConsultationStyle: Sendable, Equatable {
        /// How much or how long.
        public enum Degree: String, Sendable, CaseIterable {
            case low, medium, high, short, long
        }

        public var questionFrequency: Degree?
        public var responseLength: Degree?
        public var usesExamples: Bool?
    }

    public struct Pricing: Sendable, Equatable {
        public var perMinute: Double
        /// ISO 4217: `INR`.
        public var currency: String
    }

    public struct Mode: Sendable, Equatable {
        public var systemPrompt: String?
        public var greeting: String?

        public init(systemPrompt: String? = nil, greeting: String? = nil) {
            self.systemPrompt = systemPrompt
            self.greeting = greeting
        }
    }
}
