import JSON

/// Something that an interviewer may call: a plain function of what was said.
public enum InterviewSkill: String, Sendable, CaseIterable {
    case cognitiveDistortions = "cognitive_distortion_detector"
    case contradictions = "contradiction_mapper"

    /// For a model that decides whether to call it.
    public var summary: String {
        switch self {
        case .cognitiveDistortions:
            "Finds words of all-or-nothing, catastrophe, mind reading and the like in the answers."
        case .contradictions: "Finds pairs of answers that say opposite things about the same subject."
        }
    }

    public func run(on transcript: Transcript) -> SkillFindings {
        var findings = SkillFindings()
        switch self {
        case .cognitiveDistortions: findings.distortions = DistortionDetector.find(in: transcript)
        case .contradictions: findings.contradictions = ContradictionMapper.map(transcript)
        }
        return findings
    }
}

/// Finds words that cognitive therapy knows as distortions (the list is that of Burns, "Feeling Good", 1980, as far as words
/// alone show it). A hint for the interviewer, never a finding about a person.
enum DistortionDetector {
    private typealias Kind = SkillFindings.Distortion.Kind

    private static let marks: [(Kind, [String])] = [
        (
            .labeling,
            [
                "i am a failure", "i'm a failure", "i am a loser", "i'm a loser", "i am worthless", "i am useless",
                "i'm useless", "i am stupid", "मैं नाकाम हूँ", "मैं बेकार हूँ",
            ]
        ),
        (
            .catastrophizing,
            [
                "disaster", "catastrophe", "everything is ruined", "worst thing", "end of the world",
                "can't survive", "सब बर्बाद", "सब खत्म",
            ]
        ),
        (
            .fortuneTelling,
            [
                "will never", "i'll never", "never going to", "it will fail", "bound to fail",
                "कभी नहीं होगा", "कभी नहीं हो",
            ]
        ),
        (
            .mindReading,
            [
                "they think i", "everyone thinks", "people think i", "they all hate", "nobody likes me",
                "सब सोचते हैं", "लोग सोचते हैं",
            ]
        ),
        (.shouldStatement, ["i should have", "i must always", "i have to be perfect", "should always", "मुझे हमेशा"]),
        (.emotionalReasoning, ["i feel stupid so", "i feel it so it must", "feels true so"]),
        (
            .allOrNothing,
            [
                "always", "never", "everything", "nothing ever", "everyone", "nobody", "completely", "हमेशा",
                "कभी नहीं", "सब कुछ",
            ]
        ),
    ]

    /// At most one of each kind a sentence, the more telling first.
    static func find(in transcript: Transcript) -> [SkillFindings.Distortion] {
        transcript.turns.flatMap { turn in
            Words.sentences(turn.answer).compactMap { sentence in
                let words = Words.of(sentence)
                return self.marks.first { Words.contain(words, $0.1) }.map {
                    .init(kind: $0.0, questionId: turn.questionID, quote: Words.excerpt(sentence))
                }
            }
        }
    }
}

/// Finds where somebody both likes and dislikes the same thing, or says it of opposites.
enum ContradictionMapper {
    private struct Claim {
        let subjects: Set<String>
        let isFor: Bool
        let quote: SkillFindings.Quote
    }

    private static let against = [
        "don't like", "do not like", "don't want", "do not want", "don't care", "do not care", "hate", "avoid",
        "dislike", "don't need", "not important", "doesn't matter", "does not matter", "नहीं चाहत", "पसंद नहीं", "नफ़रत",
    ]
    private static let pro = [
        "like", "love", "want", "enjoy", "value", "need", "care about", "important", "matters", "पसंद", "चाहत", "ज़रूरी",
    ]
    private static let opposites = [
        ("alone", "people"), ("solitude", "crowds"), ("risk", "safety"), ("adventure", "stability"),
        ("planning", "spontaneity"), ("freedom", "security"),
    ]
    private static let common: Set<String> = [
        "like", "love", "want", "enjoy", "value", "need", "care", "about", "important", "matters", "matter", "hate",
        "avoid", "dislike", "don't", "does", "doesn't", "that", "this", "with", "have", "most", "very", "much", "what",
        "when", "them", "they", "from", "more", "being", "really", "people's", "things", "thing", "because", "would",
        "could", "should", "there", "their", "which", "पसंद", "नहीं", "चाहता", "चाहती", "बहुत", "ज़रूरी",
    ]

    static func map(_ transcript: Transcript) -> [SkillFindings.Contradiction] {
        let claims = transcript.turns.flatMap(self.claims)
        var found: [SkillFindings.Contradiction] = []
        for (index, left) in claims.enumerated() {
            for right in claims[(index + 1)...] {
                guard let about = self.clash(left, right) else { continue }
                found.append(.init(about: about, left: left.quote, right: right.quote))
            }
        }
        return found
    }

    private static func claims(_ turn: Transcript.Turn) -> [Claim] {
        Words.sentences(turn.answer).compactMap { sentence in
            let words = Words.of(sentence)
            let isAgainst = Words.contain(words, self.against)
            guard isAgainst || Words.contain(words, self.pro) else { return nil }
            return Claim(
                subjects: Set(words.filter { $0.count > 3 && !self.common.contains($0) }), isFor: !isAgainst,
                quote: .init(questionId: turn.questionID, quote: Words.excerpt(sentence)))
        }
    }

    private static func clash(_ left: Claim, _ right: Claim) -> String? {
        guard left.isFor == right.isFor else { return left.subjects.intersection(right.subjects).min() }
        guard left.isFor else { return nil }
        return self.opposites.first {
            (left.subjects.contains($0.0) && right.subjects.contains($0.1))
                || (left.subjects.contains($0.1) && right.subjects.contains($0.0))
        }.map { "\($0.0) and \($0.1)" }
    }
}
