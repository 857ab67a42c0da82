import JSON

/// What kind of conversation a document describes, by the words in it.
public struct ArchetypeClassification: Sendable, Equatable {
    public var primary: String
    /// 0…1.
    public var confidence: Double
    public var subType: String
    public var alternatives: [String]
    public var reasoning: String

    public var json: JSONValue {
        [
            "primary_archetype": .string(self.primary), "confidence_score": .number(self.confidence),
            "sub_type": .string(self.subType), "alternative_archetypes": .array(self.alternatives.map { .string($0) }),
            "reasoning": .string(self.reasoning),
        ]
    }

    /// What a model said, held to the shape.
    ///
    /// - Returns: nil where it names no archetype.
    init?(_ value: JSONValue) {
        guard let primary = value["primary_archetype"]?.string, Archetype(in: primary) != nil else { return nil }
        self.primary = primary
        self.confidence = min(1, max(0, value["confidence_score"]?.double ?? 0.8))
        self.subType = value["sub_type"]?.string ?? ""
        self.alternatives = (value["alternative_archetypes"]?.array ?? []).compactMap(\.string)
        self.reasoning = value["reasoning"]?.string ?? ""
    }

    /// Counts words that speak for each archetype.
    public init(counting document: String) {
        let text = document.lowercased()
        let found = Self.cues.map { archetype, cues in
            (archetype, cues.filter { text.contains($0) })
        }
        let ranked = found.enumerated().sorted {
            ($1.element.1.count, $0.offset) < ($0.element.1.count, $1.offset)
        }.map(\.element)
        let total = ranked.reduce(0) { $0 + $1.1.count }
        let (best, words) = ranked[0]
        self.primary = words.isEmpty ? Archetype.helpSeeking.rawValue : best.rawValue
        self.confidence =
            words.isEmpty ? 0.3 : (50 + 45 * Double(words.count) / Double(max(1, total))).rounded() / 100
        self.subType = Self.subType(words.isEmpty ? .helpSeeking : best, text)
        self.alternatives = ranked.dropFirst().filter { !$0.1.isEmpty }.map(\.0.rawValue)
        self.reasoning =
            words.isEmpty
            ? "no word of the document speaks for one of the five; it is taken for somebody who seeks help"
            : "these words speak for it: \(words.joined(separator: ", "))"
    }

    private static let cues: [(Archetype, [String])] = [
        (
            .persuasion,
            [
                "persuade", "convince", "pitch", "sell", "sales", "representative", "product", "prescribe", "buyer",
                "customer", "purchase", "objection", "showroom", "launch",
            ]
        ),
        (
            .confrontation,
            [
                "confront", "harass", "remark", "offend", "complaint", "bias", "discriminat", "accus", "misconduct",
                "hurt", "inclusion", "apolog", "dei",
            ]
        ),
        (
            .helpSeeking,
            [
                "help", "worried", "inquiry", "enquiry", "patient", "advice", "support", "anxious", "question",
                "appointment", "guidance", "maternity", "reassur",
            ]
        ),
        (
            .investigation,
            ["investigat", "interview", "find out", "witness", "evidence", "audit", "symptom history", "root cause"]
        ),
        (.negotiation, ["negotiat", "compromise", "terms", "contract", "counter-offer", "settlement", "concession"]),
    ]

    private static func subType(_ archetype: Archetype, _ text: String) -> String {
        let words: [(String, String)] =
            switch archetype {
            case .persuasion: [("doctor", "PHARMA"), ("car", "CAR_SALES"), ("sell", "SALES")]
            case .confrontation:
                [("accused", "PERPETRATOR"), ("witness", "BYSTANDER"), ("remark", "VICTIM"), ("hurt", "VICTIM")]
            case .helpSeeking: [("patient", "PATIENT"), ("maternity", "PATIENT"), ("customer", "CUSTOMER")]
            case .investigation, .negotiation: []
            }
        return words.first { text.contains($0.0) }?.1 ?? "GENERAL"
    }
}
