/// How much of somebody is known, in percent.
public struct Coverage: Sendable, Equatable {
    public private(set) var aspects: [Aspect: Int]

    /// The mean of the five aspects.
    public var overall: Int { self.aspects.values.reduce(0, +) / Aspect.allCases.count }

    public subscript(aspect: Aspect) -> Int { self.aspects[aspect, default: 0] }

    // Two answers of some twenty words tell what there is to tell of an aspect; a remark made in passing counts half.
    private static let perAnswer = 30
    private static let maxForWords = 20

    /// Every answer counts for the aspect of its question, and half for those that were heard in it. The same words said
    /// twice count once.
    public init(_ session: InterviewSession) {
        var points = Dictionary(uniqueKeysWithValues: Aspect.allCases.map { ($0, 0) })
        var known: Set<String> = []
        for question in session.questions {
            guard let answer = session.answer(to: question.id) else { continue }
            let words = Words.of(answer.content)
            guard known.insert(words.joined(separator: " ")).inserted else { continue }
            let worth = Self.perAnswer + min(Self.maxForWords, words.count)
            points[question.category, default: 0] += worth
            for tag in Set(answer.tags) where tag != question.category { points[tag, default: 0] += worth / 2 }
        }
        self.aspects = points.mapValues { min(100, $0) }
    }
}
