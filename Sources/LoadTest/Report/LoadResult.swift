/// What a load test found.
public struct LoadResult: Sendable {
    public var plan: LoadPlan
    public var url: String
    /// One for each number of users that was tried, in order; empty if the run was stopped before.
    public var phases: [LoadPhase]
    /// A second each.
    public var timeline: [LoadSample]
    /// From the first connection to the last.
    public var whole: LoadFigures
    public var objectives: [Objective]
    public var findsKnee: Bool
    /// The largest number of users that kept all objectives.
    public var knee: Int?
    public var isCutShort: Bool

    public init(
        plan: LoadPlan, url: String, phases: [LoadPhase], timeline: [LoadSample], whole: LoadFigures,
        objectives: [Objective] = [], findsKnee: Bool = false, knee: Int? = nil, isCutShort: Bool = false
    ) {
        self.plan = plan
        self.url = url
        self.phases = phases
        self.timeline = timeline
        self.whole = whole
        self.objectives = objectives
        self.findsKnee = findsKnee
        self.knee = knee
        self.isCutShort = isCutShort
    }

    /// What the verdicts are about: the knee where one was looked for and found, otherwise the last number of users.
    public var measured: LoadPhase? {
        self.phases.last { $0.users == self.knee } ?? self.phases.last
    }

    public var verdicts: [Objective.Verdict] {
        guard let measured = self.measured else { return self.objectives.map { .init(objective: $0, value: nil) } }
        return self.objectives.map { $0.judge(measured) }
    }

    public var keepsObjectives: Bool { self.verdicts.allSatisfy(\.isKept) }
}
