import Foundation
import JSON

/// A situation that a user practises, and the persona to practise it with.
public struct Scenario: Sendable, Equatable {
    public var id: RecordID
    /// The user whose it is.
    public var owner: String
    public var details: ScenarioDetails
    public var persona: PersonaRecord
    /// Made by a user, not shipped with the product.
    public var isCustom = true
    /// Counts what its author changed, from 1.
    public var version = 1
    public var createdAt: Date
    public var updatedAt: Date

    public init(
        id: RecordID, owner: String, details: ScenarioDetails, persona: PersonaRecord, createdAt: Date, updatedAt: Date
    ) {
        self.id = id
        self.owner = owner
        self.details = details
        self.persona = persona
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What an author says of a scenario, apart from its persona.
public struct ScenarioDetails: Sendable, Equatable {
    public var title: String
    public var description: String
    public var category: Category
    /// Minutes.
    public var duration: Int
    public var difficulty: Difficulty?
    public var tags: [String]
    public var imageURL: String?

    public init(
        title: String, description: String, category: Category, duration: Int, difficulty: Difficulty? = nil,
        tags: [String] = [], imageURL: String? = nil
    ) {
        self.title = title
        self.description = description
        self.category = category
        self.duration = duration
        self.difficulty = difficulty
        self.tags = tags
        self.imageURL = imageURL
    }

    /// What a search looks through, without regard to case.
    public var searchText: String {
        ([self.title, self.description] + self.tags).joined(separator: "\n").lowercased()
    }
}

/// What a scenario is about.
public enum Category: String, Sendable, CaseIterable {
    case teamManagement = "Team Management"
    case conflictResolution = "Conflict Resolution"
    case leadership = "Leadership"
    case performance = "Performance"
    case communication = "Communication"
    case decisionMaking = "Decision Making"
}

public enum Difficulty: String, Sendable, CaseIterable {
    case beginner, intermediate, advanced
}
