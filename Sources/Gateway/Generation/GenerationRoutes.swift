import JSON
import Personas
import Studio
import Transport

/// Everything that makes personas out of scenarios, over HTTP.
public struct GenerationRoutes: Sendable {
    private let studio: PersonaStudio
    private let documents: (any DocumentConverter)?
    private let stream: JobStream
    private let redirectsFirstVersion: Bool

    /// - Parameters:
    ///   - documents: reads PDF and DOCX; nil where no tool for it is there.
    ///   - stream: how jobs are followed.
    ///   - redirectsFirstVersion: whether the deprecated route for prompts sends its callers to the present one.
    public init(
        _ studio: PersonaStudio, documents: (any DocumentConverter)? = nil, stream: JobStream = JobStream(),
        redirectsFirstVersion: Bool = false
    ) {
        self.studio = studio
        self.documents = documents
        self.stream = stream
        self.redirectsFirstVersion = redirectsFirstVersion
    }

    public var routes: [Route] {
        CategoryRoutes(library: self.studio.library).routes
            + TemplateRoutes(studio: self.studio, documents: self.documents).routes
            + PersonaMakingRoutes(studio: self.studio).routes
            + PromptRoutes(studio: self.studio, redirectsFirstVersion: self.redirectsFirstVersion).routes
            + PromptJobRoutes(studio: self.studio, stream: self.stream).routes
            + InteractionRoutes(store: self.studio.store).routes
    }
}

/// The library of categories.
struct CategoryRoutes: Sendable {
    let library: CategoryLibrary

    var routes: [Route] {
        let path = "/scenario/detail-categories"
        return [
            Route("GET", path, docs: .listCategoriesOfDetails) { self.list($0) },
            Route("GET", "\(path)/{id}", docs: .readCategoryOfDetails) { try self.show($0) },
        ]
    }

    private func list(_ request: RouteRequest) -> HTTPResponse {
        if let names = request.query("names"), names != "0" {
            return .json(.array(self.library.all.map { .string($0.name) }))
        }
        return .json([
            "categories": .array(self.library.core.map(\.json)),
            "extensions": .array(self.library.extensions.map(\.json)), "count": .integer(self.library.core.count),
        ])
    }

    private func show(_ request: RouteRequest) throws -> HTTPResponse {
        guard let category = self.library[request.parameters["id"] ?? ""] else {
            throw ErrorResponse(404, "category_not_found", "there is no category of that name")
        }
        return .json(category.json)
    }
}

extension PersonaStudio {
    /// A template of the caller's.
    func template(_ name: String?, _ caller: Caller) async throws -> ScenarioTemplate {
        guard let id = name.flatMap({ RecordID($0) }),
            let template = try await found({ () throws(StoreError) in
                try await self.store.template(id, of: caller.user.rawValue)
            })
        else { throw ErrorResponse(404, "template_not_found", "Template not found") }
        return template
    }

    /// What a request says of its scenario: the id of a template, or the data itself.
    func facts(_ members: [String: JSONValue], _ caller: Caller) async throws -> ScenarioFacts {
        if let name = members["template_id"], !name.isNull {
            return ScenarioFacts(try await self.template(name.string, caller))
        }
        guard let data = members["template_data"]?.object else {
            throw ErrorResponse.invalid([.init(field: "template_id", message: "is required, or template_data")])
        }
        return ScenarioFacts(templateID: nil, data: data)
    }

    /// A generated persona of the caller's.
    func persona(_ name: String?, _ caller: Caller) async throws -> GeneratedPersona {
        guard let id = name.flatMap({ PersonaID($0) }),
            let persona = try await found({ () throws(StoreError) in
                try await self.store.generatedPersona(id, of: caller.user.rawValue)
            })
        else { throw ErrorResponse(404, "persona_not_found", "there is no generated persona of that id") }
        return persona
    }
}

extension RouteRequest {
    /// The body as a JSON object, whatever its declared type: pages that send it as plain text spare a preflight.
    func objectOfAnyType() throws -> [String: JSONValue] {
        guard let object = try JSONValue(strictly: self.body).object else {
            throw ErrorResponse.badRequest("the body must be a JSON object", code: "bad_json")
        }
        return object
    }

    var owner: String { self.caller.user.rawValue }
}
